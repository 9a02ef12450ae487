import { join } from 'node:path';
import { startPolicySystem, type PolicySystem } from '@bailey/estate';
import { makeHome, removeHome } from './home.ts';
import { writePolicyFiles, type PolicyBridge } from './policy-files.ts';
import { startBailey, type RunningBailey } from './running-bailey.ts';

export interface PolicyEstate {
  bailey: RunningBailey;
  /** The legacy system itself: what it saw, and what troubles it. */
  policy: PolicySystem;
  close(): Promise<void>;
}

type Guards = Omit<PolicyBridge, 'endpoint'>;

/** A standalone without the sample estate, and its policy system where the test can reach it. */
export const startPolicyEstate = async (
  bridges: readonly Guards[] = [{ name: 'policy-admin' }],
  env: NodeJS.ProcessEnv = {},
): Promise<PolicyEstate> => {
  const home = await makeHome();
  const policy = await startPolicySystem();
  const documents = bridges.map((bridge) => ({ ...bridge, endpoint: policy.soapUrl }));
  const file = await writePolicyFiles(join(home, 'files'), documents);
  const bailey = await startBailey({ home, args: ['--no-estate', '-f', file], env });
  const close = async (): Promise<void> => {
    await bailey.stop();
    await policy.close();
    await removeHome(home);
  };
  return { bailey, policy, close };
};
