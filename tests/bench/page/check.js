// A measurement of something that does not do its work is worth nothing: what fails here fails the run.

export function check(holds, message) {
  if (!holds) throw new Error(`Not as it has to be: ${message}`);
}
