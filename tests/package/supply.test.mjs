// The crates that are compiled in: each named with its licence, and in a bill of materials that tools can read.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Spec, Validation } from '@cyclonedx/cyclonedx-library';

import { root } from '../../scripts/places.mjs';

const dist = (name) => readFileSync(join(root, 'dist', name), 'utf8');
const { components, dependencies, metadata } = JSON.parse(dist('sbom.cdx.json'));

test('the bill of materials is CycloneDX 1.6, by its schema', async () => {
  const problems = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(dist('sbom.cdx.json'));
  assert.equal(problems, null);
});

test('the bill of materials names what the decisions are made of, by checksum, and nothing that names this build', () => {
  const names = components.map(({ name }) => name);
  for (const name of ['wasm-bindgen', 'js-sys', 'web-sys', 'gloo-storage', 'futures-util', 'rlsf']) assert.ok(names.includes(name), name);
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8');
  for (const { name, version, hashes, licenses, purl } of components) {
    assert.ok(lock.includes(`name = "${name}"\nversion = "${version}"`), name);
    assert.ok(lock.includes(hashes[0].content), name);
    assert.ok(licenses.length > 0 && purl === `pkg:cargo/${name}@${version}`, name);
  }
  assert.deepEqual(Object.keys(metadata), ['component']);
  const own = dependencies.find(({ ref }) => ref === metadata.component['bom-ref']);
  assert.ok(own.dependsOn.length >= 5);
});

test('the notices hold the licence of everything that is compiled in', () => {
  const text = dist('THIRD-PARTY-NOTICES.txt');
  for (const { name, version } of components) assert.ok(text.includes(`\n${name} ${version}, `), name);
  assert.match(text, /Rust's standard library/);
  for (const part of text.split(/^-{80}$/m).slice(2).filter((_, n) => n % 2 === 0)) assert.match(part, /Permission is hereby granted|Apache License/);
});

test('what is compiled in has a licence that deny.toml allows, and is there once', () => {
  const [, list] = /^allow = \[([^]*?)^\]/m.exec(readFileSync(join(root, 'deny.toml'), 'utf8'));
  const allowed = [...list.matchAll(/^\s*"(.+)"/gm)].map(([, licence]) => licence);
  for (const { name, licenses: [{ expression }] } of components) {
    // Each part of an AND has one that may be chosen.
    const isAllowed = expression.split(' AND ').every((part) => part.replace(/[()]/g, '').split(' OR ').some((one) => allowed.includes(one)));
    assert.ok(isAllowed, `${name}: ${expression}`);
  }
  const names = components.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});
