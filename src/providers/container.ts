/**
 * Returns the id of the container that this process runs in. It is read from `/proc/self/cgroup` (unless a cgroup
 * namespace hides the path) or `/proc/self/mountinfo` (v2, where the runtime mounts files from the container's folder).
 * Sandbox ids of containerd name the pod's pause container, so a folder `sandboxes` does not count.
 */
export function containerId(cgroup: string, mountinfo: string): string | undefined {
  for (const line of cgroup.split('\n')) {
    // From the innermost group outwards: a container's init may have created groups below it, and containers may be
    // nested.
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

/** Matches `docker-<id>.scope`, `cri-containerd-<id>.scope`, `<id>`, and the shorter id of ECS. */
const CGROUP = /(?:^|[-:])([0-9a-f]{64}|[0-9a-f]{32}-\d+)(?:\.scope)?$/
const MOUNT =
  /\/(?:containers|overlay-containers)\/(?:[\w.-]+\/)?([0-9a-f]{64})\/(?:userdata\/)?(?:hostname|resolv\.conf|hosts)\b/
