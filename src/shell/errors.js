// The error classes: WebAssembly cannot declare a subclass of Error. Their names are given twice, because minifiers
// change that of a class, and users compare that of an error.

/**
 * Gives an error its members, which are not enumerable, as those of any error.
 *
 * @param {Error} error
 * @param {Record<string, unknown>} members
 */
function defineMembers(error, members) {
  for (const name of Object.keys(members)) {
    Object.defineProperty(error, name, { value: members[name], configurable: true, writable: true });
  }
}

export class SignInRequiredError extends Error {
  static name = 'SignInRequiredError';

  /** @param {string} [message] @param {ErrorOptions} [options] */
  constructor(message = 'The session is over. Ask the user to sign in.', options) {
    super(message, options);
    defineMembers(this, { name: SignInRequiredError.name, code: 'SIGN_IN_REQUIRED' });
  }
}

export class RefreshUnavailableError extends Error {
  static name = 'RefreshUnavailableError';

  /** @param {string} [message] @param {ErrorOptions & { retryAfter?: number }} [options] */
  constructor(message = 'The access token could not be refreshed now; try again later.', options) {
    super(message, options);
    const retryAfter = options?.retryAfter ?? 0;
    defineMembers(this, { name: RefreshUnavailableError.name, code: 'REFRESH_UNAVAILABLE', retryAfter });
  }
}

export class SessionChangedError extends Error {
  static name = 'SessionChangedError';

  /** @param {string} [message] @param {ErrorOptions} [options] */
  constructor(message = 'The session of this request has ended.', options) {
    super(message, options);
    defineMembers(this, { name: SessionChangedError.name, code: 'SESSION_CHANGED' });
  }
}

export class HttpError extends Error {
  static name = 'HttpError';

  /** @param {string} message @param {ErrorOptions & { status: number, data: unknown, response: Response }} options */
  constructor(message, options) {
    super(message, options);
    const { status, data, response } = options;
    defineMembers(this, { name: HttpError.name, code: 'HTTP_ERROR', status, data, response });
  }
}

export class UnsupportedRuntimeError extends Error {
  static name = 'UnsupportedRuntimeError';

  /** @param {string} message @param {ErrorOptions} [options] */
  constructor(message, options) {
    super(message, options);
    defineMembers(this, { name: UnsupportedRuntimeError.name, code: 'UNSUPPORTED_RUNTIME' });
  }
}
