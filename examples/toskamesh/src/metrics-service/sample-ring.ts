export interface Point {
  /** Milliseconds since 1970. */
  readonly t: number;
  readonly v: number;
}

const FIRST_SIZE = 16;

/** The newest samples of one series, 16 bytes each; it grows up to its capacity and then forgets the oldest. */
export class SampleRing {
  readonly #capacity: number;
  #times = new Float64Array(FIRST_SIZE);
  #values = new Float64Array(FIRST_SIZE);
  #first = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get newest(): Point | undefined {
    return this.#count === 0 ? undefined : this.#at(this.#count - 1);
  }

  push(t: number, v: number): void {
    if (this.#count === this.#times.length && this.#count < this.#capacity) {
      this.#grow();
    }
    const size = this.#times.length;
    const at = (this.#first + this.#count) % size;
    this.#times[at] = t;
    this.#values[at] = v;
    if (this.#count < size) {
      this.#count += 1;
    } else {
      this.#first = (this.#first + 1) % size;
    }
  }

  /** The samples from a time on, and the one before, from which the first of them has grown. */
  since(fromMs: number): readonly Point[] {
    const found: Point[] = [];
    for (let back = this.#count - 1; back >= 0; back -= 1) {
      const point = this.#at(back);
      found.push(point);
      if (point.t < fromMs) break;
    }
    return found.reverse();
  }

  #at(index: number): Point {
    const at = (this.#first + index) % this.#times.length;
    return { t: this.#times[at] ?? 0, v: this.#values[at] ?? 0 };
  }

  #grow(): void {
    const all = this.since(-Infinity);
    const size = Math.min(this.#times.length * 2, this.#capacity);
    this.#times = new Float64Array(size);
    this.#values = new Float64Array(size);
    for (const [at, { t, v }] of all.entries()) {
      this.#times[at] = t;
      this.#values[at] = v;
    }
    this.#first = 0;
  }
}
