// A Slurm of one machine for tests, from Debian's slurm-wlm and munge, in a folder of its own: its own ports, key and socket, nothing of
// the system's. Needs root.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const started = [];

/** Whether `program` is on the path, where Debian puts daemons too. */
export function has(program) {
  try {
    execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function daemon(folder, program, ...args) {
  const log = openSync(join(folder, `${program}.out`), 'a');
  const path = `${process.env.PATH}:/usr/sbin`;
  const child = spawn(program, args, { stdio: ['ignore', log, log], env: { ...process.env, PATH: path } });
  started.push(child);
  return child;
}

/** Starts it under `folder`; the environment that its programs need. */
export async function startSlurm(folder, port) {
  const host = hostname().split('.')[0];
  for (const name of ['spool', 'state']) mkdirSync(join(folder, name), { recursive: true });
  const at = (name) => join(folder, name);
  writeFileSync(at('munge.key'), randomBytes(1024), { mode: 0o400 });
  const conf = [
    'ClusterName=test',
    `SlurmctldHost=${host}(127.0.0.1)`,
    'AuthType=auth/munge',
    `AuthInfo=socket=${at('munge.socket')}`,
    'CredType=cred/munge',
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    'ReturnToService=2',
    'SlurmdParameters=config_overrides',
    'MaxArraySize=64',
    'SchedulerParameters=requeue_delay=1',
    `SlurmctldPidFile=${at('slurmctld.pid')}`,
    `SlurmdPidFile=${at('slurmd.pid')}`,
    `SlurmdSpoolDir=${at('spool')}`,
    `StateSaveLocation=${at('state')}`,
    `SlurmctldLogFile=${at('slurmctld.log')}`,
    `SlurmdLogFile=${at('slurmd.log')}`,
    'SlurmUser=root',
    `SlurmctldPort=${port}`,
    `SlurmdPort=${port + 1}`,
    'MailProg=/bin/true',
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN`,
    'PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP',
  ];
  writeFileSync(at('slurm.conf'), `${conf.join('\n')}\n`);
  const env = { SLURM_CONF: at('slurm.conf') };
  Object.assign(process.env, env);
  const munge = [
    '--foreground',
    '--force',
    `--socket=${at('munge.socket')}`,
    `--key-file=${at('munge.key')}`,
  ];
  for (const name of ['pid', 'log', 'seed']) munge.push(`--${name}-file=${at(`munge.${name}`)}`);
  daemon(folder, 'munged', ...munge);
  await sleep(500);
  daemon(folder, 'slurmctld', '-D');
  daemon(folder, 'slurmd', '-D');
  for (let i = 0; i < 120; i++) {
    try {
      if (
        /idle|mix|alloc/.test(
          execFileSync('sinfo', ['-h', '-o', '%T'], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
          }),
        )
      )
        return env;
    } catch {
      // It is not up yet.
    }
    await sleep(250);
  }
  const logs = ['munged.out', 'slurmctld.out', 'slurmd.out'].map((name) => readFileSync(at(name), 'utf8'));
  throw new Error(`Slurm did not come up\n${logs.join('\n').slice(-3000)}`);
}

/** Ends what was started, last first. */
export async function stopSlurm() {
  for (const child of started.splice(0).reverse()) {
    child.kill('SIGTERM');
    await Promise.race([new Promise((done) => child.once('exit', done)), sleep(5000)]);
    child.kill('SIGKILL');
  }
}
