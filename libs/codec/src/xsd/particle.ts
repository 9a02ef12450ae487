import { XSD } from './builtins.ts';
import type { Compilation, Site } from './compilation.ts';
import type {
  AnyParticle,
  ElementParticle,
  GroupParticle,
  Particle,
  QName,
  ShapeRef,
  SubstituteElement,
} from './plan.ts';
import { camelName, NameScope } from '@bailey/contract';
import { Refusal } from './refusal.ts';
import type { Component } from './symbols.ts';
import type { XmlElement } from '../xml/tree.ts';

/** What elements need of the types: an index for a name, and one for an anonymous type. */
export interface TypeRefs {
  byName(text: string, site: Site): ShapeRef;
  anonymous(site: Site): ShapeRef;
}

export interface ElementType {
  qname: QName;
  type: ShapeRef;
  nillable: boolean;
}

// Groups that hold groups double with each step; what goes beyond either was made to fill the memory.
const MAX_PARTICLES_OF_TYPE = 20_000;
const MAX_PARTICLES = 2_000_000;

const GROUPS = new Set(['sequence', 'choice', 'all']);
const PARTICLES = new Set([...GROUPS, 'group', 'element', 'any']);

/** XSD 1.0 part 1, section 3.9.2: minOccurs and maxOccurs, -1 for unbounded. */
const occurs = (node: XmlElement): { min: number; max: number } => {
  const read = (name: string): number => {
    const text = node.attributes.get(name)?.trim() ?? '1';
    if (text === 'unbounded') return -1;
    const count = Number(text);
    if (Number.isInteger(count) && count >= 0) return count;
    throw new Refusal(`xsd:${node.local}`, `${name}="${text}"`, node, 'It is not a count.');
  };
  return { min: Math.max(0, read('minOccurs')), max: read('maxOccurs') };
};

const isTrue = (text: string | undefined): boolean => text === 'true' || text === '1';

/** The particle that declares content directly under a type, extension or restriction. */
export const contentNode = (node: XmlElement): XmlElement | undefined =>
  node.children.find((child) => child.ns === XSD && (GROUPS.has(child.local) || child.local === 'group'));

/**
 * Fewer, equal groups: what neither repeats nor chooses dissolves into its parent, so that the plan holds only groups
 * that mean something. Undefined: nothing can stand here.
 */
const tidyGroup = (group: GroupParticle): Particle | undefined => {
  const particles = group.particles.flatMap((child) =>
    child.kind === group.kind && child.kind !== 'all' && child.min === 1 && child.max === 1
      ? (child as GroupParticle).particles
      : [child],
  );
  const [only] = particles;
  if (only === undefined) return undefined;
  if (particles.length > 1 || group.max !== 1) return { ...group, particles };
  // (a)? is a?, and (a) is a; a group that may be absent keeps a repeating member together.
  if (group.min === 1) return only;
  return only.max === 1 ? { ...only, min: 0 } : { ...group, particles };
};

const sizeOf = (particle: Particle): number =>
  particle.kind === 'element' || particle.kind === 'any'
    ? 1
    : particle.particles.reduce((size, child) => size + sizeOf(child), 1);

/** Compiles model groups, elements and wildcards. XSD 1.0 part 1, sections 3.3, 3.7 to 3.10. Names are given later. */
export class Particles {
  readonly #compilation: Compilation;
  readonly #types: TypeRefs;
  readonly #elements = new Map<Component, ElementType>();
  readonly #substitutes = new Map<Component, SubstituteElement[]>();
  #made = 0;

  constructor(compilation: Compilation, types: TypeRefs) {
    this.#compilation = compilation;
    this.#types = types;
  }

  /** Undefined for a particle that may not occur. */
  ofNode(site: Site): Particle | undefined {
    const { min, max } = occurs(site.node);
    if (max === 0) return undefined;
    const { node } = site;
    if (node.local !== 'element')
      this.#compilation.ledger.supported(
        `xsd:${node.local}`,
        site.within?.qname.local ?? node.attributes.get('ref') ?? '(anonymous)',
        node,
      );
    if (node.local === 'any') return this.#any(site, min, max);
    if (node.local === 'element') return this.#element(site, min, max);
    if (node.local === 'group') return this.#groupRef(site, min, max);
    return this.#group(site, node.local as GroupParticle['kind'], min, max);
  }

  /** Name, type and nillability of a global element. */
  global(component: Component): ElementType {
    let known = this.#elements.get(component);
    if (known === undefined) {
      const site = { node: component.node, document: component.document, within: component };
      const type = this.#typeOf(site);
      known = { qname: component.qname, type, nillable: isTrue(component.node.attributes.get('nillable')) };
      this.#elements.set(component, known);
    }
    return known;
  }

  /** A group as it goes into the plan; undefined when nothing can stand in it. */
  tidied(group: GroupParticle, { node }: Site): Particle | undefined {
    const size = sizeOf(group);
    this.#made += group.particles.length;
    if (size <= MAX_PARTICLES_OF_TYPE && this.#made <= MAX_PARTICLES) return tidyGroup(group);
    throw new Refusal(
      `xsd:${node.local}`,
      node.attributes.get('name') ?? '',
      node,
      'Written out, its groups hold more particles than any message needs.',
    );
  }

  #group(site: Site, kind: GroupParticle['kind'], min: number, max: number): Particle | undefined {
    const particles: Particle[] = [];
    let canBeEmpty = false;
    for (const node of site.node.children) {
      if (node.ns !== XSD || !PARTICLES.has(node.local)) continue;
      const particle = this.ofNode({ ...site, node });
      if (particle !== undefined) particles.push(particle);
      else canBeEmpty = true;
    }
    return this.tidied({ kind, min: kind === 'choice' && canBeEmpty ? 0 : min, max, particles }, site);
  }

  #groupRef(site: Site, min: number, max: number): Particle | undefined {
    const text = site.node.attributes.get('ref');
    if (text === undefined) throw new Refusal('xsd:group', '', site.node, 'It has no ref.');
    const group = this.#compilation.symbols.resolve('group', text, site.node, site.document, site.within);
    const node = contentNode(group.node);
    if (node === undefined) return undefined;
    if (this.#compilation.isWithin(group)) {
      this.#compilation.ledger.approximated(
        'xsd:group',
        text,
        site.node,
        'It holds itself without end; the inner reference is left out.',
      );
      return undefined;
    }
    const inner = { node, document: group.document, within: group };
    const content = this.#compilation.link(group, inner, () => this.ofNode(inner));
    if (content === undefined || (min === 1 && max === 1)) return content;
    return this.tidied({ kind: 'sequence', min, max, particles: [content] }, site);
  }

  #any({ node, document }: Site, min: number, max: number): AnyParticle {
    const namespace = node.attributes.get('namespace')?.trim() || '##any';
    const known: Record<string, string> = { '##any': '##any', '##other': `##other ${document.ns}` };
    const listed = namespace
      .split(/\s+/)
      .map((ns) => (ns === '##targetNamespace' ? document.ns : ns === '##local' ? '' : ns));
    return { kind: 'any', name: '', min, max, namespaces: known[namespace] ?? listed.join(' ') };
  }

  #element(site: Site, min: number, max: number): ElementParticle {
    const ref = site.node.attributes.get('ref');
    const particle = ref === undefined ? this.#local(site, min, max) : this.#referred(ref, site, min, max);
    this.#compilation.document(particle, site.node);
    return particle;
  }

  #local(site: Site, min: number, max: number): ElementParticle {
    const { node, document } = site;
    const local = node.attributes.get('name')?.trim();
    if (!local) throw new Refusal('xsd:element', '', node, 'It has neither a name nor a ref.');
    const form = node.attributes.get('form');
    const qualified = form === undefined ? document.elementsQualified : form === 'qualified';
    const type = this.#typeOf(site);
    return { kind: 'element', name: '', local, ns: qualified ? document.ns : '', type, min, max, ...constraints(node) };
  }

  #referred(ref: string, site: Site, min: number, max: number): ElementParticle {
    const head = this.#compilation.symbols.resolve('element', ref, site.node, site.document);
    const { qname, type } = this.global(head);
    const substitutes = this.#substitutesOf(head);
    const value = { ...constraints(head.node), ...constraints(site.node) };
    return {
      kind: 'element',
      name: '',
      ...qname,
      type,
      min,
      max,
      ...value,
      ...(substitutes.length > 0 && { substitutes }),
    };
  }

  #substitutesOf(head: Component): SubstituteElement[] {
    let known = this.#substitutes.get(head);
    if (known !== undefined) return known;
    const members = this.#compilation.symbols.substitutesOf(head);
    const scope = new NameScope();
    const standing =
      members.length === 0 ? [] : [head, ...members].filter(({ node }) => !isTrue(node.attributes.get('abstract')));
    known = standing.map((component) => {
      const { qname, type, nillable } = this.global(component);
      return { name: scope.claim(camelName(qname.local)), ...qname, type, ...(nillable && { nillable }) };
    });
    if (members.length > 0) this.#compilation.ledger.supported('xsd:substitutionGroup', head.qname.local, head.node);
    this.#substitutes.set(head, known);
    return known;
  }

  #typeOf(site: Site): ShapeRef {
    const { node } = site;
    const named = node.attributes.get('type');
    if (named !== undefined) return this.#types.byName(named, site);
    const nested = node.children.find(
      (child) => child.ns === XSD && (child.local === 'complexType' || child.local === 'simpleType'),
    );
    if (nested !== undefined) return this.#types.anonymous({ ...site, node: nested });
    const head = node.attributes.get('substitutionGroup');
    if (head === undefined) return this.#compilation.builtin('anyType');
    const component = this.#compilation.symbols.resolve('element', head, node, site.document);
    return this.#compilation.link(component, site, () => this.global(component).type);
  }
}

const constraints = (node: XmlElement): { nillable?: boolean; default?: string; fixed?: string } => {
  const value = node.attributes.get('default');
  const fixed = node.attributes.get('fixed');
  return {
    ...(isTrue(node.attributes.get('nillable')) && { nillable: true }),
    ...(value !== undefined && { default: value }),
    ...(fixed !== undefined && { fixed }),
  };
};
