import { collectDefaultMetrics, Registry, type Metric, type OpenMetricsContentType } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

export interface CounterChild {
  inc(amount?: number): void;
}

export interface GaugeChild {
  set(value: number): void;
  add(amount: number): void;
}

export interface HistogramChild {
  /** `traceId` of a sampled trace becomes the exemplar of the bucket. */
  observe(seconds: number, traceId?: string): void;
}

/** One named metric. `child` is bound at registration and the same for the same labels. */
export interface MetricFamily<Child> {
  child(labels: Labels): Child;
  /** Takes every series out whose labels contain these; children already handed out count into the void. */
  remove(labels: Labels): void;
}

export interface Metrics {
  /** `name` ends in `_total`. */
  counter(name: string, help: string, labelNames: readonly string[]): MetricFamily<CounterChild>;
  gauge(name: string, help: string, labelNames: readonly string[]): MetricFamily<GaugeChild>;
  /** `buckets`: rising upper bounds in seconds, without +Inf. */
  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): MetricFamily<HistogramChild>;
  /** OpenMetrics with exemplars when the Accept header asks for it, the classic text format else. */
  render(accept: string | undefined): Promise<{ contentType: string; body: string }>;
}

interface Exemplar {
  labelSet: { trace_id: string };
  value: number;
  timestamp: number;
}

interface Sample {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
  exemplar?: Exemplar | undefined;
}

interface Series {
  readonly labels: Labels;
  samples(name: string): Sample[];
}

class CounterSeries implements Series, CounterChild {
  readonly labels: Labels;
  #value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  inc(amount = 1): void {
    this.#value += amount;
  }

  samples(): Sample[] {
    return [{ labels: this.labels, value: this.#value }];
  }
}

class GaugeSeries implements Series, GaugeChild {
  readonly labels: Labels;
  #value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  set(value: number): void {
    this.#value = value;
  }

  add(amount: number): void {
    this.#value += amount;
  }

  samples(): Sample[] {
    return [{ labels: this.labels, value: this.#value }];
  }
}

class HistogramSeries implements Series, HistogramChild {
  readonly labels: Labels;
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  readonly #exemplars: (Exemplar | undefined)[];
  #sum = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
    this.#exemplars = Array.from({ length: bounds.length + 1 }, () => undefined);
  }

  observe(seconds: number, traceId?: string): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && seconds > this.#bounds[bucket]!) bucket++;
    this.#counts[bucket]! += 1;
    this.#sum += seconds;
    if (traceId === undefined) return;
    this.#exemplars[bucket] = { labelSet: { trace_id: traceId }, value: seconds, timestamp: Date.now() / 1000 };
  }

  samples(name: string): Sample[] {
    let total = 0;
    const buckets = Array.from(this.#counts, (count, index): Sample => ({
      labels: { ...this.labels, le: this.#bounds[index] ?? '+Inf' },
      value: (total += count),
      metricName: `${name}_bucket`,
      exemplar: this.#exemplars[index],
    }));
    const whole = [
      { labels: this.labels, value: this.#sum, metricName: `${name}_sum` },
      { labels: this.labels, value: total, metricName: `${name}_count` },
    ];
    return [...buckets, ...whole];
  }
}

class Family<Child extends Series> implements MetricFamily<Child> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly #labelNames: readonly string[];
  readonly #create: (labels: Labels) => Child;
  readonly #series = new Map<string, Child>();

  constructor(
    name: string,
    help: string,
    type: Family<Child>['type'],
    labelNames: readonly string[],
    create: (labels: Labels) => Child,
  ) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.#labelNames = labelNames;
    this.#create = create;
  }

  child(labels: Labels): Child {
    const values = this.#labelNames.map((name) => labels[name] ?? '');
    const key = JSON.stringify(values);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const created = this.#create(Object.fromEntries(this.#labelNames.map((name, index) => [name, values[index]!])));
    this.#series.set(key, created);
    return created;
  }

  remove(labels: Labels): void {
    const wanted = Object.entries(labels);
    for (const [key, series] of this.#series)
      if (wanted.every(([name, value]) => series.labels[name] === value)) this.#series.delete(key);
  }

  samples(): Sample[] {
    return [...this.#series.values()].flatMap((series: Series) => series.samples(this.name));
  }
}

/** What prom-client's registry prints: a name, a type and samples. */
interface Printable {
  readonly name: string;
  readonly type: string;
  get(): Promise<{ name: string; help: string; type: string; values: Sample[] }>;
}

const withoutTotal = (name: string): string => name.replace(/_total$/, '');

const printable = (name: string, family: { help: string; type: string; samples(): Sample[] }): Printable => {
  const get = async () => ({ name, help: family.help, type: family.type, values: family.samples() });
  return { name, type: family.type, get };
};

// prom-client prints an OpenMetrics counter by cutting `_total` off the metric it holds; this puts it back.
const inClassicText = (metric: Printable, name: string): Printable => ({
  name,
  type: metric.type,
  get: async () => ({ ...(await metric.get()), name }),
});

/** Two registries over the same numbers, one a format: prom-client decides names and exemplars per registry. */
class PrintedMetrics implements Metrics {
  readonly #classic = new Registry();
  readonly #open = new Registry<OpenMetricsContentType>();

  constructor() {
    this.#open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const process = new Registry();
    collectDefaultMetrics({ register: process });
    for (const metric of process.getMetricsAsArray() as unknown as Printable[]) this.#addProcessMetric(metric);
  }

  counter(name: string, help: string, labelNames: readonly string[]): MetricFamily<CounterChild> {
    return this.#add(new Family(name, help, 'counter', labelNames, (labels) => new CounterSeries(labels)));
  }

  gauge(name: string, help: string, labelNames: readonly string[]): MetricFamily<GaugeChild> {
    return this.#add(new Family(name, help, 'gauge', labelNames, (labels) => new GaugeSeries(labels)));
  }

  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): MetricFamily<HistogramChild> {
    return this.#add(new Family(name, help, 'histogram', labelNames, (labels) => new HistogramSeries(labels, buckets)));
  }

  async render(accept: string | undefined): Promise<{ contentType: string; body: string }> {
    const registry = accept?.includes('application/openmetrics-text') === true ? this.#open : this.#classic;
    return { contentType: registry.contentType, body: await registry.metrics() };
  }

  #add<Child extends Series>(family: Family<Child>): Family<Child> {
    this.#register(this.#classic, printable(family.name, family));
    this.#register(this.#open, printable(withoutTotal(family.name), family));
    return family;
  }

  #addProcessMetric(metric: Printable): void {
    const isCounter = metric.type === 'counter';
    // promtool refuses gauges that are named like counters, and they repeat others as sums.
    if (!isCounter && metric.name.endsWith('_total')) return;
    this.#register(this.#classic, inClassicText(metric, metric.name));
    this.#register(this.#open, inClassicText(metric, isCounter ? withoutTotal(metric.name) : metric.name));
  }

  #register(registry: { registerMetric(metric: Metric): void }, metric: Printable): void {
    registry.registerMetric(metric as unknown as Metric);
  }
}

export const createMetrics = (): Metrics => new PrintedMetrics();
