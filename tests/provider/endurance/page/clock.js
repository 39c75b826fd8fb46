// A wall clock that can be set. A classic script, so that it runs before any module has read the time.

{
  const Real = Date;
  const clock = {
    shift: settings.shift,
    /** The machine's time. */
    now: () => Real.now(),
  };
  globalThis.clock = clock;
  globalThis.Date = class extends Real {
    constructor(...given) {
      super(...given.length > 0 ? given : [Real.now() + clock.shift]);
    }

    static now() {
      return Real.now() + clock.shift;
    }
  };
}
