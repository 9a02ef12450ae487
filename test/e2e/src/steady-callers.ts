export interface Tally {
  calls: number;
  failures: string[];
}

const call = async (url: string, body: string, tally: Tally): Promise<void> => {
  tally.calls++;
  try {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const text = await response.text();
    if (response.status !== 200 || !text.includes('"123.40"')) tally.failures.push(`${response.status} ${text}`);
  } catch (error) {
    tally.failures.push(String((error as Error).cause ?? error));
  }
};

/**
 * Calls again and again, `callers` at a time, until `atLeast` calls are made and `work` is done. Whatever is not the
 * right answer is a failure.
 */
export const callWhile = async (
  targets: readonly { url: string; body: string }[],
  { callers, atLeast }: { callers: number; atLeast: number },
  work: () => Promise<void>,
): Promise<Tally> => {
  const tally: Tally = { calls: 0, failures: [] };
  let isWorking = true;
  const caller = async (): Promise<void> => {
    while (isWorking || tally.calls < atLeast) {
      const { url, body } = targets[tally.calls % targets.length]!;
      await call(url, body, tally);
    }
  };
  const calling = Promise.all(Array.from({ length: callers }, caller));
  await work().finally(() => (isWorking = false));
  await calling;
  return tally;
};
