// The module's bytes in hexadecimal digits: 11 % larger than the bytes after gzip, but ASCII. A classic script is read
// in the encoding of its page.

import hex from 'tokenflight-wasm:hex';

export default () => Uint8Array.from(hex.match(/../g), (digits) => parseInt(digits, 16));
