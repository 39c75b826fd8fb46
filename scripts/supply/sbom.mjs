// The bill of materials of the npm package, in CycloneDX 1.6: the crates that are compiled in, with the checksums under
// which they were published. It names no time and no machine, so that two builds give the same bytes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../places.mjs';
import { compiledIn } from './compiled-in.mjs';

/** The JSON. */
export async function billOfMaterials() {
  // Writes what the standard asks for. Not before the set-up has installed it.
  const { Enums, Models, Serialize, Spec } = await import('@cyclonedx/cyclonedx-library');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [own, ...crates] = compiledIn();
  const component = ({ name, version: release, licence, sha256 }, bomRef, purl) => new Models.Component(
    Enums.ComponentType.Library,
    name,
    {
      bomRef, version: release, purl,
      licenses: new Models.LicenseRepository([new Models.LicenseExpression(licence)]),
      hashes: new Models.HashDictionary(sha256 ? [[Enums.HashAlgorithm['SHA-256'], sha256]] : []),
    },
  );
  const bom = new Models.Bom();
  const refs = new Map(crates.map((crate) => {
    const ref = `${crate.name}@${crate.version}`;
    return [ref, component(crate, ref, `pkg:cargo/${ref}`)];
  }));
  bom.metadata.component = component({ ...own, version }, `tokenflight@${version}`, `pkg:npm/tokenflight@${version}`);
  for (const one of refs.values()) bom.components.add(one);
  for (const [from, { uses }] of [[bom.metadata.component, own], ...crates.map((crate) => [refs.get(`${crate.name}@${crate.version}`), crate])]) {
    for (const ref of uses) from.dependencies.add(refs.get(ref).bomRef);
  }
  const normal = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return `${new Serialize.JsonSerializer(normal).serialize(bom, { sortLists: true, space: 2 })}\n`;
}
