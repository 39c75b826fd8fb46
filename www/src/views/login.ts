import { element } from '../dom';
import { explain, say } from '../messages';
import { go, returnPath } from '../router';
import { signIn } from '../session';

const LIVES = [60, 5, 600];

export function login(): Node {
  const user = element('input', { id: 'sign-in-user', name: 'user', autocomplete: 'username', required: true, value: 'ada' });
  user.autocapitalize = 'none';
  const password = element('input', {
    id: 'sign-in-password', name: 'password', type: 'password', autocomplete: 'current-password', required: true,
    value: 'ada',
  });
  const ttl = element('select', { id: 'sign-in-ttl', name: 'ttl' },
    ...LIVES.map((seconds) => element('option', { value: String(seconds) }, lifeInWords(seconds))));
  const submit = element('button', { id: 'sign-in-submit', className: 'primary' }, 'Sign in');

  const form = element('form', { className: 'card form', on: { submit: (event) => {
    event.preventDefault();
    void send(submit, user.value.trim(), password.value, Number(ttl.value));
  } } },
    element('h1', {}, 'Sign in'),
    element('p', { className: 'hint' }, 'It is filled in. Any name will do, such as ',
      element('code', {}, 'grace'), ': the password is the same as the name.'),
    field('Name', user),
    field('Password', password),
    field('Each access token is valid for', ttl),
    submit);
  return element('div', { className: 'narrow' }, form);
}

export function field(label: string, control: HTMLInputElement | HTMLSelectElement): HTMLElement {
  return element('div', { className: 'field' }, element('label', { htmlFor: control.id }, label), control);
}

function lifeInWords(seconds: number): string {
  return seconds < 120 ? `${seconds} seconds` : `${seconds / 60} minutes`;
}

async function send(submit: HTMLButtonElement, user: string, password: string, ttl: number): Promise<void> {
  const target = returnPath();
  if (submit.ariaBusy === 'true') return;
  submit.ariaBusy = 'true';
  try {
    const wrong = await signIn(user, password, ttl);
    if (wrong) return say(wrong, 'bad');
    say(`Welcome, ${user}.`, 'good');
    // Unless the event of the new session has been faster.
    if (location.pathname === '/login') go(target, { replace: true });
  } catch (error) {
    explain(error);
  } finally {
    submit.ariaBusy = null;
  }
}
