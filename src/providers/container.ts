/**
 * The id of the container this process runs in, from `/proc/self/cgroup` (cgroup v1, where the id ends a path) or
 * `/proc/self/mountinfo` (v2, where the runtime mounts files of the container's own folder). Sandbox ids of containerd
 * name the pod's pause container, so a folder `sandboxes` does not count.
 */
export function containerId(cgroup: string, mountinfo: string): string | undefined {
  for (const line of cgroup.split('\n')) {
    const id = CGROUP_V1.exec(line.slice(line.lastIndexOf('/') + 1))?.[1]
    if (id !== undefined && line.includes('/')) return id
  }
  for (const line of mountinfo.split('\n')) {
    const id = MOUNT.exec(line)?.[1]
    if (id !== undefined) return id
  }
  return undefined
}

/** `docker-<id>.scope`, `cri-containerd-<id>.scope`, `<id>`, and the shorter one of ECS. */
const CGROUP_V1 = /(?:^|[-:])([0-9a-f]{64}|[0-9a-f]{32}-\d+)(?:\.scope)?$/
const MOUNT = /\/(?:containers|overlay-containers)\/([0-9a-f]{64})\/(?:userdata\/)?(?:hostname|resolv\.conf|hosts)\b/
