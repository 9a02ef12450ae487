import type { ScalarKind } from '@bailey/contract';
import { XSD, BUILTINS } from './builtins.ts';
import type { Compilation, Site } from './compilation.ts';
import { integerScalar } from './integer-range.ts';
import { translatePattern } from './pattern.ts';
import type { Facets, ShapeRef, SimpleShape } from './plan.ts';
import { Refusal } from './refusal.ts';
import type { Component } from './symbols.ts';
import { resolveQName, type XmlElement } from '../xml/tree.ts';

const COUNTS = new Set(['length', 'minLength', 'maxLength', 'totalDigits', 'fractionDigits']);
const BOUNDS = new Set(['minInclusive', 'maxInclusive', 'minExclusive', 'maxExclusive']);
const INTEGERS: ReadonlySet<ScalarKind> = new Set<ScalarKind>(['int32', 'int53', 'int64', 'integer']);

const collapsed = (text: string): string => text.replace(/[ \t\n\r]+/g, ' ').trim();

const normalised = (text: string, whiteSpace: SimpleShape['whiteSpace']): string =>
  whiteSpace === 'preserve' ? text : whiteSpace === 'replace' ? text.replace(/[\t\n\r]/g, ' ') : collapsed(text);

const valueOf = (facet: XmlElement): string => facet.attributes.get('value') ?? '';

const childOf = (node: XmlElement, local: string): XmlElement | undefined =>
  node.children.find((child) => child.ns === XSD && child.local === local);

/** Compiles `xsd:simpleType` and the facets of `simpleContent`. XSD 1.0 part 2, section 4.1. */
export class SimpleTypes {
  readonly #compilation: Compilation;
  readonly #shapes = new Map<Component, SimpleShape>();

  constructor(compilation: Compilation) {
    this.#compilation = compilation;
  }

  /** The shape of a named simple type. */
  ofComponent(component: Component): SimpleShape {
    const known = this.#shapes.get(component);
    if (known !== undefined) return known;
    const shape = {
      ...this.ofNode({ node: component.node, document: component.document, within: component }),
      qname: component.qname,
    };
    this.#compilation.document(shape, component.node);
    this.#shapes.set(component, shape);
    return shape;
  }

  ofNode(site: Site): SimpleShape {
    return this.#compilation.link(site.node, site, () => this.#variety(site));
  }

  /** The facets of `restriction` on a base that is known already. */
  restricted(base: SimpleShape, site: Site): SimpleShape {
    const { qname: _, ...inherited } = base;
    const facets = this.#facets(site, base);
    const whiteSpace =
      (childOf(site.node, 'whiteSpace')?.attributes.get('value') as SimpleShape['whiteSpace'] | undefined) ??
      base.whiteSpace;
    const scalar =
      INTEGERS.has(base.scalar) && base.list === undefined ? integerScalar(base.scalar, facets) : base.scalar;
    return { ...inherited, scalar, whiteSpace, ...(Object.keys(facets).length > 0 && { facets }) };
  }

  ref(site: Site): ShapeRef {
    return this.#compilation.anonymous(site, () => this.ofNode(site));
  }

  /** A simple type by name; a complex one is refused. */
  byName(text: string, site: Site): SimpleShape {
    const builtin = this.#compilation.builtinName(this.#compilation.reference(site, text), site.node);
    if (builtin !== undefined) return this.#builtinShape(builtin, site);
    const component = this.#compilation.symbols.resolve('type', text, site.node, site.document, site.within);
    if (component.node.local === 'simpleType') return this.ofComponent(component);
    throw new Refusal(`xsd:${site.node.local}`, text, site.node, `${text} is not a simple type.`);
  }

  refByName(text: string, site: Site): ShapeRef {
    const builtin = this.#compilation.builtinName(this.#compilation.reference(site, text), site.node);
    if (builtin !== undefined) return this.#compilation.builtin(builtin);
    const component = this.#compilation.symbols.resolve('type', text, site.node, site.document, site.within);
    if (component.node.local !== 'simpleType')
      throw new Refusal(`xsd:${site.node.local}`, text, site.node, `${text} is not a simple type.`);
    return this.#compilation.named(component, () => this.ofComponent(component));
  }

  #builtinShape(local: string, { node }: Site): SimpleShape {
    if (local === 'anyType') throw new Refusal(`xsd:${node.local}`, 'anyType', node, 'anyType is not a simple type.');
    const { listOf, ...type } = BUILTINS.get(local)!;
    return {
      kind: 'simple',
      ...type,
      qname: { ns: XSD, local },
      ...(listOf !== undefined && { list: this.#compilation.builtin(listOf) }),
    };
  }

  #variety(site: Site): SimpleShape {
    const variety = site.node.children.find((child) => child.local !== 'annotation');
    const at = variety && { ...site, node: variety };
    const name = site.node.attributes.get('name') ?? site.within?.qname.local ?? '(anonymous)';
    if (at !== undefined) this.#compilation.ledger.supported(`xsd:${variety!.local}`, name, variety!);
    if (variety?.local === 'restriction') return this.restricted(this.#base(at!), at!);
    if (variety?.local === 'list') return this.#list(at!);
    if (variety?.local === 'union') return this.#union(at!);
    this.#compilation.ledger.approximated(
      'xsd:simpleType',
      name,
      site.node,
      'It derives from nothing and is read as xsd:string.',
    );
    return this.#builtinShape('string', site);
  }

  #base(site: Site): SimpleShape {
    const base = site.node.attributes.get('base');
    if (base !== undefined) return this.byName(base, site);
    const nested = childOf(site.node, 'simpleType');
    if (nested !== undefined) return this.ofNode({ ...site, node: nested });
    throw new Refusal('xsd:restriction', '', site.node, 'It has neither a base nor a simpleType.');
  }

  #list(site: Site): SimpleShape {
    const itemType = site.node.attributes.get('itemType');
    const nested = childOf(site.node, 'simpleType');
    if (itemType === undefined && nested === undefined)
      throw new Refusal('xsd:list', '', site.node, 'It has no item type.');
    const list = itemType === undefined ? this.ref({ ...site, node: nested! }) : this.refByName(itemType, site);
    return { kind: 'simple', scalar: 'text', builtin: 'anySimpleType', whiteSpace: 'collapse', list };
  }

  #union(site: Site): SimpleShape {
    const named = (site.node.attributes.get('memberTypes') ?? '').split(/\s+/).filter((name) => name !== '');
    const nested = site.node.children.filter((child) => child.local === 'simpleType');
    const union = [
      ...named.map((name) => this.refByName(name, site)),
      ...nested.map((node) => this.ref({ ...site, node })),
    ];
    return { kind: 'simple', scalar: 'text', builtin: 'anySimpleType', whiteSpace: 'collapse', union };
  }

  #facets(site: Site, base: SimpleShape): Facets {
    const facets: Facets = { ...base.facets };
    const enumeration: string[] = [];
    const patterns: (string | undefined)[] = [];
    for (const facet of site.node.children) {
      if (facet.ns !== XSD) continue;
      const value = valueOf(facet);
      if (facet.local === 'enumeration') enumeration.push(this.#enumerated(value, facet, base));
      else if (facet.local === 'pattern') patterns.push(this.#pattern(value, facet));
      else if (COUNTS.has(facet.local)) this.#count(facets, facet, value);
      else if (BOUNDS.has(facet.local)) bound(facets, facet.local, collapsed(value));
      else continue;
      this.#compilation.ledger.supported(`xsd:${facet.local}`, site.within?.qname.local ?? value, facet);
    }
    if (enumeration.length > 0) facets.enumeration = enumeration;
    // Patterns of one step are alternatives, those of several steps must all match (part 2, section 4.3.4): where one
    // alternative cannot be checked, neither can the step.
    const step = patterns.includes(undefined) ? '' : patterns.join('|');
    if (step !== '') facets.patterns = [...(base.facets?.patterns ?? []), step];
    return facets;
  }

  #enumerated(value: string, facet: XmlElement, base: SimpleShape): string {
    if (base.builtin !== 'QName') return normalised(value, base.whiteSpace);
    const qname = resolveQName(facet, value);
    return qname === undefined ? value : `{${qname.ns}}${qname.local}`;
  }

  #pattern(source: string, facet: XmlElement): string | undefined {
    const translated = translatePattern(source);
    if ('pattern' in translated) return translated.pattern;
    this.#compilation.ledger.approximated(
      'xsd:pattern',
      source.slice(0, 120),
      facet,
      `It is not enforced: ${translated.problem}.`,
    );
    return undefined;
  }

  #count(facets: Facets, facet: XmlElement, value: string): void {
    const count = Number(value);
    if (!Number.isInteger(count) || count < 0) {
      this.#compilation.ledger.approximated(
        `xsd:${facet.local}`,
        value,
        facet,
        'It is not a count and is not enforced.',
      );
    } else facets[facet.local as 'length'] = count;
  }
}

/** A narrower bound replaces the base's bound on the same side, inclusive or not. */
const bound = (facets: Facets, local: string, value: string): void => {
  const side = local.slice(0, 3) as 'min' | 'max';
  delete facets[`${side}Inclusive`];
  delete facets[`${side}Exclusive`];
  facets[local as 'minInclusive'] = value;
};
