/**
 * Builds kubeseal as single files that need no Node: for the targets given as arguments (`linux-x64`), for this
 * machine (`this`), or for all.
 */
import { compileKubeseal } from './compile.ts';
import { TARGETS, thisMachine, type Target } from './targets.ts';

for (const target of chosen(process.argv.slice(2))) {
  const path = await compileKubeseal(target, (line) => console.error(line));
  console.log(path);
}

function chosen(names: readonly string[]): readonly Target[] {
  if (names.length === 0) return TARGETS;
  return names.map((name) => {
    const target = name === 'this' ? thisMachine() : TARGETS.find((each) => each.name === name);
    if (target) return target;
    throw new Error(`no such machine: ${name} (there are ${TARGETS.map((each) => each.name).join(', ')})`);
  });
}
