import { fault, type Fault } from '../fault.ts';
import type { Stage } from '../stage.ts';

/** Stops a server for a while. What the administrator writes meanwhile waits for it, too. */
function paused(server: 'etcd' | 'apiServer', name: string): Fault {
  return {
    name: `${name}, paused`,
    strike: async (stage, meanwhile) => {
      stage.signal(server, 'SIGSTOP');
      const written = meanwhile();
      // The error is thrown at the end; until then nobody awaits it.
      written.catch(() => undefined);
      try {
        await stage.hold();
      } finally {
        stage.signal(server, 'SIGCONT');
      }
      await written;
      await stage.plane.apiServerReady();
    },
  };
}

/** Kills kube-apiserver, and waits until the controller has noticed. */
async function killApiServer(stage: Stage): Promise<void> {
  await stage.answered('<error>', () => stage.plane.stopApiServer('SIGKILL'));
  await stage.hold();
}

/** The servers of the control plane fail. */
export const SERVER_FAULTS: readonly Fault[] = [
  fault('kube-apiserver, killed and restarted', async (stage, meanwhile) => {
    await killApiServer(stage);
    await stage.plane.startApiServer();
    await meanwhile();
  }),
  fault('etcd, killed and restarted', async (stage, meanwhile) => {
    await stage.plane.stopEtcd('SIGKILL');
    const written = meanwhile();
    written.catch(() => undefined);
    await stage.hold();
    await stage.plane.startEtcd();
    await stage.plane.apiServerReady();
    await written;
  }),
  paused('apiServer', 'kube-apiserver'),
  paused('etcd', 'etcd'),
];
