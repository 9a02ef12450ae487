import { XSD } from './builtins.ts';
import type { Compilation, Site } from './compilation.ts';
import type { ArrayShape, AttributePlan, ComplexShape, Particle, QName, Shape, ShapeRef, SimpleShape } from './plan.ts';
import { contentNode, type Particles } from './particle.ts';
import { PropertyNames } from './properties.ts';
import { Refusal } from './refusal.ts';
import type { SimpleTypes } from './simple-type.ts';
import { qnameKey, type Component } from './symbols.ts';
import { resolveQName, type XmlElement } from '../xml/tree.ts';

type AttributeUse = Omit<AttributePlan, 'name'>;

/** A complex type with its bases folded in, before its members have JSON names. */
interface ComplexModel {
  content?: Particle | undefined;
  attributes: ReadonlyMap<string, AttributeUse>;
  anyAttribute: boolean;
  mixed: boolean;
  text?: SimpleShape | undefined;
  array?: Omit<ArrayShape, 'kind' | 'qname'> | undefined;
}

interface Attributes {
  own: Map<string, AttributeUse>;
  prohibited: Set<string>;
  any: boolean;
}

const ENCODINGS = new Set(['http://schemas.xmlsoap.org/soap/encoding/', 'http://www.w3.org/2003/05/soap-encoding']);
const WSDL = 'http://schemas.xmlsoap.org/wsdl/';
const EMPTY: ComplexModel = { attributes: new Map(), anyAttribute: false, mixed: false };

const isEncodedArray = ({ ns, local }: QName): boolean => local === 'Array' && ENCODINGS.has(ns);
const isTrue = (text: string | undefined): boolean => text === 'true' || text === '1';

const xsdChild = (node: XmlElement, ...locals: string[]): XmlElement | undefined =>
  node.children.find((child) => child.ns === XSD && locals.includes(child.local));

/** Compiles `xsd:complexType`. XSD 1.0 part 1, section 3.4. */
export class ComplexTypes {
  readonly #compilation: Compilation;
  readonly #simple: SimpleTypes;
  readonly #particles: Particles;
  readonly #types: { byName(text: string, site: Site): ShapeRef; ofComponent(component: Component): ShapeRef };
  readonly #models = new Map<Component, ComplexModel>();

  constructor(
    compilation: Compilation,
    simple: SimpleTypes,
    particles: Particles,
    types: { byName(text: string, site: Site): ShapeRef; ofComponent(component: Component): ShapeRef },
  ) {
    this.#compilation = compilation;
    this.#simple = simple;
    this.#particles = particles;
    this.#types = types;
  }

  ofNode(site: Site): Shape {
    return this.#shape(this.#modelOf(site), site);
  }

  ofComponent(component: Component): Shape {
    const site = { node: component.node, document: component.document, within: component };
    const shape = this.#shape(this.#model(component, site), site);
    if (shape.kind === 'anyType' || shape.kind === 'simple') return shape;
    const named = { ...shape, qname: component.qname };
    this.#compilation.document(named, component.node);
    return named.kind === 'complex' ? this.#withDerived(named, component) : named;
  }

  #withDerived(shape: ComplexShape, component: Component): ComplexShape {
    const isAbstract = isTrue(component.node.attributes.get('abstract'));
    const derived = this.#compilation.symbols.derivedFrom(component);
    const concrete = [component, ...derived].filter(({ node }) => !isTrue(node.attributes.get('abstract')));
    if (concrete.length === 0) {
      this.#compilation.ledger.approximated(
        'xsd:complexType',
        component.qname.local,
        component.node,
        'It is abstract and nothing concrete derives from it; it is used itself.',
      );
      return shape;
    }
    if (derived.length === 0) return shape;
    this.#compilation.ledger.supported('xsi:type', component.qname.local, component.node);
    return {
      ...shape,
      ...(isAbstract && { abstract: true }),
      derived: concrete.map((type) => this.#types.ofComponent(type)),
    };
  }

  #shape(model: ComplexModel, site: Site): Shape {
    if (model.array !== undefined) return { kind: 'array', ...model.array };
    const owner = site.within?.qname.local ?? '(anonymous)';
    const { ledger, documentation } = this.#compilation;
    const names = new PropertyNames(
      (native, name) =>
        ledger.approximated(
          'name',
          `${owner}.${native}`,
          site.node,
          `Its API name is ${name}: the shorter one is taken in the same object.`,
        ),
      (from, to) => {
        const text = documentation.get(from);
        if (text !== undefined) documentation.set(to, text);
      },
    );
    const text = model.text === undefined ? undefined : { name: names.claim('value'), type: this.#textRef(model.text) };
    const mixed = model.mixed ? { name: names.claim('value') } : undefined;
    const content = mixed !== undefined || model.content === undefined ? undefined : names.content(model.content);
    const attributes = [...model.attributes.values()].map((use) => ({ name: names.claim(use.local), ...use }));
    return {
      kind: 'complex',
      attributes,
      ...(model.anyAttribute && { anyAttribute: names.claim('anyAttributes') }),
      ...(text && { text }),
      ...(mixed && { mixed }),
      ...(content && { content }),
    };
  }

  #textRef(text: SimpleShape): ShapeRef {
    return this.#compilation.reserve(() => text);
  }

  #model(component: Component, site: Site): ComplexModel {
    let model = this.#models.get(component);
    if (model === undefined)
      this.#models.set(component, (model = this.#compilation.link(component, site, () => this.#modelOf(site))));
    return model;
  }

  #modelOf(site: Site): ComplexModel {
    const { node } = site;
    this.#compilation.ledger.supported('xsd:complexType', node.attributes.get('name') ?? '(anonymous)', node);
    const outer = xsdChild(node, 'simpleContent', 'complexContent');
    if (outer === undefined) return this.#plain(site, isTrue(node.attributes.get('mixed')));
    const derivation = xsdChild(outer, 'extension', 'restriction');
    if (derivation === undefined)
      throw new Refusal(
        `xsd:${outer.local}`,
        node.attributes.get('name') ?? '',
        outer,
        'It holds neither extension nor restriction.',
      );
    this.#compilation.ledger.supported(
      `xsd:${outer.local}/${derivation.local}`,
      node.attributes.get('name') ?? '(anonymous)',
      derivation,
    );
    const inner = { ...site, node: derivation };
    if (outer.local === 'simpleContent') return this.#simpleContent(inner);
    return this.#complexContent(inner, isTrue(outer.attributes.get('mixed') ?? node.attributes.get('mixed')));
  }

  #plain(site: Site, mixed: boolean): ComplexModel {
    const attributes = this.#attributes(site);
    if (mixed)
      this.#compilation.ledger.supported('xsd:complexType mixed', site.within?.qname.local ?? '(anonymous)', site.node);
    return { content: this.#content(site), attributes: attributes.own, anyAttribute: attributes.any, mixed };
  }

  #content(site: Site): Particle | undefined {
    const node = contentNode(site.node);
    return node && this.#particles.ofNode({ ...site, node });
  }

  #simpleContent(site: Site): ComplexModel {
    const base = this.#simpleBase(site);
    const attributes = this.#merged(base, this.#attributes(site));
    if (site.node.local === 'extension') return { ...attributes, mixed: false, text: base.text };
    const nested = xsdChild(site.node, 'simpleType');
    const type = nested === undefined ? base.text : this.#simple.ofNode({ ...site, node: nested });
    return { ...attributes, mixed: false, text: type && this.#simple.restricted(type, site) };
  }

  #simpleBase(site: Site): ComplexModel {
    const base = this.#baseComponent(site);
    if (base === undefined || base.node.local === 'simpleType')
      return { ...EMPTY, text: this.#simple.byName(site.node.attributes.get('base')!, site) };
    const model = this.#modelOfBase(base);
    if (model.text === undefined && !model.mixed)
      throw new Refusal('xsd:simpleContent', base.qname.local, site.node, 'Its base has no simple content.');
    return model;
  }

  #complexContent(site: Site, mixed: boolean): ComplexModel {
    const text = site.node.attributes.get('base') ?? '';
    const base = this.#baseComponent(site);
    if (base === undefined) return this.#plain(site, mixed);
    if (base.node.local === 'simpleType')
      throw new Refusal('xsd:complexContent', text, site.node, `Its base ${text} is a simple type.`);
    if (isEncodedArray(base.qname)) return { ...EMPTY, array: this.#array(site) };
    const model = this.#modelOfBase(base);
    if (model.array !== undefined) return { ...EMPTY, array: this.#arrayOf(site, model.array) };
    return site.node.local === 'extension' ? this.#extended(model, site, mixed) : this.#restricted(model, site, mixed);
  }

  #modelOfBase(base: Component): ComplexModel {
    return this.#model(base, { node: base.node, document: base.document, within: base });
  }

  /** Undefined for a built-in base: anyType, or a simple one. */
  #baseComponent(site: Site): Component | undefined {
    const text = site.node.attributes.get('base');
    if (text === undefined) throw new Refusal(`xsd:${site.node.local}`, '', site.node, 'It has no base.');
    if (this.#compilation.builtinName(this.#compilation.reference(site, text), site.node) !== undefined)
      return undefined;
    return this.#compilation.symbols.resolve('type', text, site.node, site.document, site.within);
  }

  #extended(base: ComplexModel, site: Site, mixed: boolean): ComplexModel {
    const own = this.#content(site);
    const particles = [base.content, own].filter((part) => part !== undefined);
    const content = this.#particles.tidied({ kind: 'sequence', min: 1, max: 1, particles }, site);
    return { ...this.#merged(base, this.#attributes(site)), content, mixed: mixed || base.mixed, text: base.text };
  }

  #restricted(base: ComplexModel, site: Site, mixed: boolean): ComplexModel {
    return { ...this.#merged(base, this.#attributes(site)), content: this.#content(site), mixed };
  }

  #merged(base: ComplexModel, { own, prohibited, any }: Attributes): Pick<ComplexModel, 'attributes' | 'anyAttribute'> {
    const attributes = new Map([...base.attributes, ...own]);
    for (const key of prohibited) attributes.delete(key);
    return { attributes, anyAttribute: base.anyAttribute || any };
  }

  #attributes(site: Site): Attributes {
    const attributes: Attributes = { own: new Map(), prohibited: new Set(), any: false };
    this.#collect(site, attributes);
    return attributes;
  }

  #collect(site: Site, into: Attributes): void {
    for (const node of site.node.children) {
      if (node.ns !== XSD) continue;
      const at = { ...site, node };
      if (node.local === 'attribute') this.#attribute(at, into);
      else if (node.local === 'attributeGroup') this.#attributeGroup(at, into);
      else if (node.local === 'anyAttribute') into.any = true;
      else continue;
      this.#compilation.ledger.supported(
        `xsd:${node.local}`,
        node.attributes.get('name') ?? node.attributes.get('ref') ?? site.within?.qname.local ?? '',
        node,
      );
    }
  }

  #attributeGroup(site: Site, into: Attributes): void {
    const ref = site.node.attributes.get('ref');
    if (ref === undefined) throw new Refusal('xsd:attributeGroup', '', site.node, 'It has no ref.');
    const group = this.#compilation.symbols.resolve('attributeGroup', ref, site.node, site.document, site.within);
    // XSD 1.1 allows circles of attribute groups: what is being collected already adds nothing.
    if (this.#compilation.isWithin(group)) return;
    const inner = { node: group.node, document: group.document, within: group };
    this.#compilation.link(group, inner, () => this.#collect(inner, into));
  }

  #attribute(site: Site, into: Attributes): void {
    const use = this.#attributeUse(site);
    const key = qnameKey(use);
    if (site.node.attributes.get('use') === 'prohibited') into.prohibited.add(key);
    else into.own.set(key, use);
    this.#compilation.document(use, site.node);
  }

  #attributeUse(site: Site): AttributeUse {
    const { node, document } = site;
    const ref = node.attributes.get('ref');
    if (ref === undefined) {
      const local = node.attributes.get('name')?.trim();
      if (!local) throw new Refusal('xsd:attribute', '', node, 'It has neither a name nor a ref.');
      const form = node.attributes.get('form');
      const qualified = form === undefined ? document.attributesQualified : form === 'qualified';
      return { local, ns: qualified ? document.ns : '', type: this.#attributeType(site), ...valueConstraints(node) };
    }
    const global = this.#compilation.symbols.resolve('attribute', ref, node, document);
    const type = this.#attributeType({ node: global.node, document: global.document });
    return { ...global.qname, type, ...valueConstraints(global.node), ...valueConstraints(node) };
  }

  #attributeType(site: Site): ShapeRef {
    const named = site.node.attributes.get('type');
    if (named !== undefined) return this.#simple.refByName(named, site);
    const nested = xsdChild(site.node, 'simpleType');
    return nested === undefined
      ? this.#compilation.builtin('anySimpleType')
      : this.#simple.ref({ ...site, node: nested });
  }

  /** `soapenc:Array` restricted: SOAP 1.1 section 5.4.2, declared as WSDL 1.1 section 2.2 says. */
  #array(site: Site): Omit<ArrayShape, 'kind' | 'qname'> {
    this.#compilation.ledger.supported('soapenc:Array', site.within?.qname.local ?? '(anonymous)', site.node);
    return this.#arrayOf(site, {
      item: this.#compilation.builtin('anyType'),
      itemName: 'item',
      itemType: { ns: XSD, local: 'anyType' },
      suffix: '',
    });
  }

  #arrayOf(site: Site, base: Omit<ArrayShape, 'kind' | 'qname'>): Omit<ArrayShape, 'kind' | 'qname'> {
    const declared = this.#arrayType(site.node);
    const content = this.#content(site);
    const element = content?.kind === 'element' ? content : undefined;
    if (declared !== undefined)
      return {
        ...this.#membersOf(declared.text, { ...site, node: declared.node }),
        itemName: element?.local ?? 'item',
      };
    if (element === undefined) return base;
    const type = xsdElement(site.node)?.attributes.get('type');
    const itemType = type === undefined ? undefined : resolveQName(site.node, type);
    return {
      item: element.type,
      itemName: element.local,
      itemType: itemType ?? { ns: XSD, local: 'anyType' },
      suffix: '',
    };
  }

  #arrayType(node: XmlElement): { text: string; node: XmlElement } | undefined {
    for (const attribute of node.children) {
      const text = attribute.local === 'attribute' ? attribute.attributes.get(`{${WSDL}}arrayType`) : undefined;
      if (text !== undefined) return { text: text.trim(), node: attribute };
    }
    return undefined;
  }

  #membersOf(arrayType: string, site: Site): Pick<ArrayShape, 'item' | 'itemType' | 'suffix'> {
    const [name = '', ...ranks] = arrayType.split('[');
    if (ranks.some((rank) => rank.includes(','))) {
      this.#compilation.ledger.approximated(
        'soapenc:arrayType',
        arrayType,
        site.node,
        'Its dimensions are read as one, member after member.',
      );
    }
    const itemType = this.#compilation.reference(site, name);
    const inner = this.#types.byName(name, site);
    const nested = Math.max(0, ranks.length - 1);
    return { item: this.#nested(inner, itemType, nested), itemType, suffix: '[]'.repeat(nested) };
  }

  #nested(item: ShapeRef, itemType: QName, levels: number): ShapeRef {
    if (levels === 0) return item;
    const inner = this.#nested(item, itemType, levels - 1);
    return this.#compilation.reserve(() => ({
      kind: 'array',
      item: inner,
      itemName: 'item',
      itemType,
      suffix: '[]'.repeat(levels - 1),
    }));
  }
}

const xsdElement = (node: XmlElement): XmlElement | undefined => {
  const group = contentNode(node);
  return group && xsdChild(group, 'element');
};

const valueConstraints = (node: XmlElement): { required: boolean; default?: string; fixed?: string } => {
  const value = node.attributes.get('default');
  const fixed = node.attributes.get('fixed');
  return {
    required: node.attributes.get('use') === 'required',
    ...(value !== undefined && { default: value }),
    ...(fixed !== undefined && { fixed }),
  };
};
