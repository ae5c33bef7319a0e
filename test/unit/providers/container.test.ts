import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerId } from '../../../src/providers/container.ts'

const ID = 'a1'.repeat(32)
const OTHER = 'b2'.repeat(32)
const ECS = `${'c3'.repeat(16)}-1234567890`

const cases: readonly (readonly [what: string, cgroup: string, mountinfo: string, id: string | undefined])[] = [
  ['no container', '0::/user.slice/session-1.scope\n', '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n', undefined],
  ['docker, cgroup v1', `12:memory:/docker/${ID}\n`, '', ID],
  ['systemd driver', `1:name=systemd:/system.slice/docker-${ID}.scope\n`, '', ID],
  ['containerd', `0::/kubepods.slice/pod1.slice/cri-containerd-${ID}.scope\n`, '', ID],
  ['containerd without systemd', `1:cpu:/k8s/pod1:cri-containerd:${ID}\n`, '', ID],
  ['ECS', `9:perf:/ecs/task/${ECS}\n`, '', ECS],
  ['docker, cgroup v2', '0::/\n', `1 2 8:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw\n`, ID],
  ['podman with systemd', `0::/machine.slice/libpod-${ID}.scope/container\n`, '', ID],
  ['systemd in a container', `0::/docker/${ID}/init.scope\n`, '', ID],
  ['kind: a pod in a container', `0::/docker/${OTHER}/kubelet/kubepods/pod1/${ID}\n`, '', ID],
  ['CRI-O', `0::/kubepods.slice/pod1.slice/crio-${ID}.scope\n`, '', ID],
  ['rootless docker', '0::/\n', `1 2 8:1 /home/u/.local/share/docker/containers/${ID}/hosts /etc/hosts rw\n`, ID],
  ['nerdctl', '0::/\n', `1 2 8:1 /var/lib/nerdctl/1/containers/default/${ID}/resolv.conf /etc/resolv.conf rw\n`, ID],
  ['Fargate', `1:name=systemd:/ecs/${'d4'.repeat(16)}/${ECS}\n`, '', ECS],
  ['podman', '0::/\n', `1 2 0:1 /overlay-containers/${ID}/userdata/hostname /etc/hostname rw\n`, ID],
  ["a pod's sandbox", '0::/\n', `1 2 8:1 /containerd/sandboxes/${OTHER}/hostname /etc/hostname rw\n`, undefined],
  ['nothing readable', '', '', undefined],
]

for (const [what, cgroup, mountinfo, id] of cases) {
  test(`container id: ${what}`, () => assert.equal(containerId(cgroup, mountinfo), id))
}
