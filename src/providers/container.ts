/**
 * The id of the container this process runs in, from `/proc/self/cgroup` (where the id is in a path that is not hidden by a namespace of its own) or
 * `/proc/self/mountinfo` (v2, where the runtime mounts files of the container's own folder). Sandbox ids of containerd
 * name the pod's pause container, so a folder `sandboxes` does not count.
 */
export function containerId(cgroup: string, mountinfo: string): string | undefined {
  for (const line of cgroup.split('\n')) {
    // From the innermost on: a container's own init may have made groups below it, and it may be one in another.
    for (const group of line.split('/').slice(1).toReversed()) {
      const id = CGROUP.exec(group)?.[1]
      if (id !== undefined) return id
    }
  }
  for (const line of mountinfo.split('\n')) {
    const id = MOUNT.exec(line)?.[1]
    if (id !== undefined) return id
  }
  return undefined
}

/** `docker-<id>.scope`, `cri-containerd-<id>.scope`, `<id>`, and the shorter one of ECS. */
const CGROUP = /(?:^|[-:])([0-9a-f]{64}|[0-9a-f]{32}-\d+)(?:\.scope)?$/
const MOUNT =
  /\/(?:containers|overlay-containers)\/(?:[\w.-]+\/)?([0-9a-f]{64})\/(?:userdata\/)?(?:hostname|resolv\.conf|hosts)\b/
