/** Asks Go and our engine the same, and finds where they differ. */
import type { Answer, Case } from './cases.ts';
import { answer, comparable } from './render.ts';

export interface Difference {
  readonly text: unknown;
  readonly go: Answer;
  readonly ours: Answer;
}

export interface Comparison {
  readonly compared: number;
  readonly outputs: number;
  /** Go has no answer that it would give again, or ours is that a bound was reached. */
  readonly passedOver: number;
  readonly differences: readonly Difference[];
}

const BOUND_REACHED =
  /: (more than \d+ |took longer than |output is larger |a value is |used more than |nested deeper than |imaginary numbers )/;

export async function compare(
  cases: readonly Case[],
  ask: (cases: readonly Case[]) => Promise<Answer[]>,
): Promise<Comparison> {
  const answers = await ask(cases);
  const differences: Difference[] = [];
  let [outputs, passedOver] = [0, 0];
  cases.forEach((one, i) => {
    const golden = answers[i] ?? { refused: 'no answer' };
    if ('refused' in golden) {
      passedOver++;
      return;
    }
    const [go, ours] = [comparable(golden), answer(one)];
    if ('error' in ours && typeof ours.error === 'string' && BOUND_REACHED.test(ours.error)) passedOver++;
    else if (JSON.stringify(go) !== JSON.stringify(ours)) differences.push({ text: one.text, go, ours });
    else if ('output' in go) outputs++;
  });
  return { compared: cases.length, outputs, passedOver, differences };
}
