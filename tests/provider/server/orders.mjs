// The orders that the shop has received. An order is known by its id: when it arrives again it is not accepted twice.

export class Orders {
  #byId = new Map();

  /** An order that came with a good access token. `attempt` is the caller's number for this call. */
  accept(id, attempt) {
    const arrivals = this.#byId.get(id) ?? [];
    this.#byId.set(id, [...arrivals, attempt]);
    return arrivals.length === 0;
  }

  /** The attempts that have arrived with a good token, each as often as it did. */
  arrivals(id) {
    return this.#byId.get(id) ?? [];
  }

  get ids() {
    return [...this.#byId.keys()];
  }
}
