import { camelName, NameScope } from '@bailey/contract';
import type { ElementParticle, GroupParticle, Particle } from './plan.ts';

/** Told of each name that had to give way to an earlier one. */
export type Renamed = (native: string, name: string) => void;

const repeats = ({ max }: Particle): boolean => max !== 1;

const keyOf = (element: ElementParticle): string =>
  `{${element.ns}}${element.local} ${element.type} ${repeats(element)}`;

/** How often each element has occurred so far on one path through a content model. */
class Occurrences {
  readonly #counts = new Map<string, number>();
  readonly #steps: string[] = [];

  /** 0 for the first. */
  next(key: string): number {
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    this.#steps.push(key);
    return count;
  }

  /** Branches exclude each other: each starts from here, and what follows starts after the fullest. */
  alternatives<T, U>(branches: T[], walk: (branch: T) => U): U[] {
    const fullest = new Map<string, number>();
    const walked = branches.map((branch) => {
      const mark = this.#steps.length;
      const result = walk(branch);
      for (const key of this.#steps.slice(mark))
        fullest.set(key, Math.max(fullest.get(key) ?? 0, this.#counts.get(key)!));
      for (const key of this.#steps.splice(mark)) this.#counts.set(key, this.#counts.get(key)! - 1);
      return result;
    });
    for (const [key, count] of fullest) while ((this.#counts.get(key) ?? 0) < count) this.next(key);
    return walked;
  }
}

/**
 * Copies the content model of one JSON object with every name given. Elements are named before wildcards and repeated
 * groups. Branches of a choice share the name of an element; a second place in a sequence gets a new one.
 */
export class PropertyNames {
  readonly #scope = new NameScope();
  readonly #names = new Map<string, string[]>();
  readonly #renamed: Renamed;
  readonly #copied: (from: Particle, to: Particle) => void;

  constructor(renamed: Renamed, copied: (from: Particle, to: Particle) => void) {
    this.#renamed = renamed;
    this.#copied = copied;
  }

  claim(native: string): string {
    const wanted = camelName(native);
    const name = this.#scope.claim(wanted);
    if (name !== wanted) this.#renamed(native, name);
    return name;
  }

  content(model: Particle): Particle {
    return this.#others(this.#elements(model, new Occurrences()), new Occurrences());
  }

  #elements(particle: Particle, seen: Occurrences): Particle {
    if (particle.kind === 'any') return particle;
    if (particle.kind !== 'element')
      return repeats(particle) ? particle : this.#members(particle, seen, (child) => this.#elements(child, seen));
    const named = { ...particle, name: this.#nth(keyOf(particle), seen, particle.local) };
    this.#copied(particle, named);
    return named;
  }

  #others(particle: Particle, seen: Occurrences): Particle {
    if (particle.kind === 'element') return particle;
    if (particle.kind === 'any') return { ...particle, name: this.#nth('any', seen, 'any') };
    return repeats(particle)
      ? this.#repeated(particle)
      : this.#members(particle, seen, (child) => this.#others(child, seen));
  }

  #repeated(group: GroupParticle): Particle {
    const name = this.claim('items');
    // An occurrence is an object of its own, so its members have a scope of their own.
    const member = new PropertyNames(this.#renamed, this.#copied).content({
      ...group,
      min: 1,
      max: 1,
    }) as GroupParticle;
    return { ...group, name, particles: member.particles };
  }

  #members(group: GroupParticle, seen: Occurrences, walk: (child: Particle) => Particle): Particle {
    const particles = group.kind === 'choice' ? seen.alternatives(group.particles, walk) : group.particles.map(walk);
    return { ...group, particles };
  }

  #nth(key: string, seen: Occurrences, native: string): string {
    let names = this.#names.get(key);
    if (names === undefined) this.#names.set(key, (names = []));
    return (names[seen.next(key)] ??= this.claim(native));
  }
}
