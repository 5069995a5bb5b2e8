// A browser app of Anthane: signs in with OpenID Connect (authorization code, PKCE S256, RFC 9700) and calls an API
// through the gateway. No library, so that every step of the protocol can be read here.
//
// Where tokens are: sessionStorage of this tab. A reload keeps them; another tab, the next browser start and other
// sites never see them. Script of a stranger in this page could use them, and could as well if they sat in a variable,
// by making the same calls; the Content-Security-Policy keeps such script out. An app with more to lose keeps its
// tokens on its own server and gives the browser a cookie.

const config = await (await fetch('/config.json')).json();
const home = `${location.origin}/`;
const callback = `${location.origin}/callback`;
const scope = 'openid profile email orders.read orders.write';

// ---- small tools

const $ = id => document.getElementById(id);
const store = {
  get: key => JSON.parse(sessionStorage.getItem(key)),
  set: (key, value) => sessionStorage.setItem(key, JSON.stringify(value)),
  take(key) { const value = this.get(key); sessionStorage.removeItem(key); return value; },
};
const toBase64Url = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
const fromBase64Url = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
const utf8 = text => new TextEncoder().encode(text);
const random = () => toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
const now = () => Date.now() / 1000;

class Refused extends Error {
  constructor(code, text) { super(text ?? code); this.code = code; }
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text ?? '';
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// ---- the provider

let discovered;
async function provider() {
  discovered ??= await (await fetch(`${config.authority}/.well-known/openid-configuration`)).json();
  // OpenID Connect Discovery 4.3: another issuer's document must not be used.
  if (discovered.issuer !== config.authority) throw new Refused('issuer', 'The sign-in service answered under another name.');
  return discovered;
}

async function askForTokens(parameters) {
  const { token_endpoint } = await provider();
  const answer = await fetch(token_endpoint, { method: 'POST', body: new URLSearchParams({ client_id: config.clientId, ...parameters }) });
  const body = await answer.json();
  if (!answer.ok) throw new Refused(body.error);
  return body;
}

// OpenID Connect Core 3.1.3.7, and 12.2 for a refreshed one (same issuer and person; a nonce is not repeated there).
async function checkIdToken(token, { nonce, sub }) {
  const [head, body, signature] = token.split('.');
  const header = JSON.parse(new TextDecoder().decode(fromBase64Url(head)));
  const claims = JSON.parse(new TextDecoder().decode(fromBase64Url(body)));
  const { issuer, jwks_uri } = await provider();
  const { keys } = await (await fetch(jwks_uri)).json();
  const key = keys.find(k => k.kid === header.kid && k.kty === 'RSA');
  const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const signed = header.alg === 'RS256' && key
    && await crypto.subtle.verify(rs256, await crypto.subtle.importKey('jwk', key, rs256, false, ['verify']), fromBase64Url(signature), utf8(`${head}.${body}`));
  const audience = [claims.aud].flat();
  if (!signed) throw new Refused('id_token', 'The ID token is not signed by the sign-in service.');
  if (claims.iss !== issuer) throw new Refused('id_token', 'The ID token is of another issuer.');
  if (audience.length !== 1 || audience[0] !== config.clientId) throw new Refused('id_token', 'The ID token is for another app.');
  if (!(claims.exp > now() - 30)) throw new Refused('id_token', 'The ID token has ended. Is the clock of this computer right?');
  if (nonce !== undefined && claims.nonce !== nonce) throw new Refused('id_token', 'The ID token answers another request.');
  if (sub !== undefined && claims.sub !== sub) throw new Refused('id_token', 'The ID token is of another person.');
  return claims;
}

// ---- signing in

async function signIn(prompt) {
  const { authorization_endpoint } = await provider();
  const state = random();
  const asked = { nonce: random(), verifier: random(), prompt };
  store.set(`request:${state}`, asked);
  const challenge = toBase64Url(await crypto.subtle.digest('SHA-256', utf8(asked.verifier)));
  const query = new URLSearchParams({
    client_id: config.clientId, response_type: 'code', redirect_uri: callback, scope, state, nonce: asked.nonce,
    code_challenge: challenge, code_challenge_method: 'S256', ...(prompt && { prompt }),
  });
  location.assign(`${authorization_endpoint}?${query}`);
}

async function finishSignIn(answer) {
  const asked = store.take(`request:${answer.get('state')}`);
  // An answer to a question that this tab did not ask is left alone: somebody else's code must not sign anybody in here.
  if (!asked) throw new Refused('state', 'That sign-in was not started in this tab. Please start it here.');
  history.replaceState(null, '', '/');
  // RFC 9207: without this check a code of one provider could be sent to another.
  if (answer.get('iss') !== (await provider()).issuer) throw new Refused('iss', 'The answer came from another sign-in service.');
  if (answer.has('error')) {
    if (asked.prompt === 'none') return;
    throw new Refused(answer.get('error'), answer.get('error') === 'access_denied' ? 'You did not finish signing in.' : undefined);
  }
  const tokens = await askForTokens({ grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: callback, code_verifier: asked.verifier });
  await keep(tokens, await checkIdToken(tokens.id_token, { nonce: asked.nonce }));
}

function keep(tokens, claims) {
  store.set('tokens', { access: tokens.access_token, refresh: tokens.refresh_token, id: tokens.id_token, claims, ends: now() + tokens.expires_in });
}

let refreshing;
function refresh() {
  // Two calls at once share one refresh: the second would present a token that the first has just used up.
  refreshing ??= refreshOnce().finally(() => { refreshing = undefined; });
  return refreshing;
}

async function refreshOnce() {
  const before = store.get('tokens');
  try {
    if (!before?.refresh) throw new Refused('invalid_grant');
    const tokens = await askForTokens({ grant_type: 'refresh_token', refresh_token: before.refresh });
    const claims = tokens.id_token ? await checkIdToken(tokens.id_token, { sub: before.claims.sub }) : before.claims;
    keep({ refresh_token: before.refresh, id_token: before.id, ...tokens }, claims);
    watchTheEnd();
  } catch (error) {
    if (error instanceof Refused) {
      forget();
      showWelcome(`Your sign-in has ended: you signed out in another app, or it was too long ago. Sign in again to go on.`);
    }
    throw error;
  }
}

// ---- signing out

const otherTabs = new BroadcastChannel('session');
otherTabs.onmessage = () => { forget(); showWelcome('You signed out in another tab.'); };

function forget() {
  clearTimeout(endTimer);
  sessionStorage.removeItem('tokens');
}

async function signOut() {
  const tokens = store.get('tokens');
  forget();
  otherTabs.postMessage('signed out');
  const state = random();
  store.set('signing-out', state);
  const { end_session_endpoint } = await provider();
  const query = new URLSearchParams({ client_id: config.clientId, id_token_hint: tokens.id, post_logout_redirect_uri: home, state });
  location.assign(`${end_session_endpoint}?${query}`);
}

// ---- calling the API

async function call(path, options = {}) {
  if (store.get('tokens').ends < now() + 10) await refresh();
  const send = () => fetch(config.gateway + path, { ...options, headers: { ...options.headers, Authorization: `Bearer ${store.get('tokens').access}` } });
  let answer = await send();
  if (answer.status === 401) {
    await refresh();
    answer = await send();
  }
  return answer;
}

async function loadOrders() {
  const answer = await call('/orders');
  if (!answer.ok) throw new Error(`The API answered ${answer.status}.`);
  const orders = await answer.json();
  $('orders').replaceChildren(...orders.map(showOrder));
  $('no-orders').hidden = orders.length > 0;
}

function showOrder(order) {
  const row = element('li');
  const placed = new Date(order.placedAt);
  row.append(
    element('span', `${order.quantity} ×`, { class: 'count' }),
    element('span', order.item, { class: 'item' }),
    element('time', placed.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }), { datetime: order.placedAt, title: placed.toString() }));
  return row;
}

async function placeOrder(form) {
  const fields = new FormData(form);
  const order = { item: fields.get('item'), quantity: Number(fields.get('quantity')) };
  const answer = await call('/orders', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(order) });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(Object.values(body.errors ?? {}).flat()[0] ?? `The API answered ${answer.status}.`);
  await loadOrders();
  $('order-status').textContent = `Order ${body.id} is placed.`;
}

async function loadWhoAmI() {
  const answer = await call('/orders/whoami');
  if (!answer.ok) throw new Error(`The API answered ${answer.status}.`);
  const headers = await answer.json();
  $('whoami').replaceChildren(...Object.entries(headers).sort().map(([name, value]) => {
    const row = element('tr');
    const cell = element('td');
    // A long value may break between its parts.
    for (const part of [value].flat().join(' | ').split(/(?<=,|%20)/)) cell.append(part, element('wbr'));
    row.append(element('th', name, { scope: 'row' }), cell);
    return row;
  }));
  const plain = value => value && decodeURIComponent([value].flat()[0]);
  $('who').textContent = plain(headers['x-jwt-name']) ?? plain(headers['x-jwt-email']) ?? 'Signed in';
  $('email').textContent = plain(headers['x-jwt-email']) ?? 'no verified address';
}

// ---- the page

function show(id) {
  for (const view of ['waiting', 'welcome', 'app']) $(view).hidden = view !== id;
  $('account').hidden = id !== 'app';
}

function showWelcome(message) {
  $('message').textContent = message ?? '';
  $('message').hidden = !message;
  $('who').textContent = '';
  show('welcome');
}

async function showApp() {
  show('app');
  $('subject').textContent = store.get('tokens').claims.sub;
  $('auth-time').textContent = new Date(store.get('tokens').claims.auth_time * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  watchTheEnd();
  restoreNote();
  await attempt('api-status', () => Promise.all([loadOrders(), loadWhoAmI()]));
}

let endTimer;
function watchTheEnd() {
  const { ends } = store.get('tokens');
  $('token-ends').textContent = new Date(ends * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  clearTimeout(endTimer);
  endTimer = setTimeout(atTheEnd, Math.max(0, (ends - now()) * 1000));
}

function atTheEnd() {
  // A tab that nobody looks at does not keep a session alive; it asks when somebody looks again.
  if (document.visibilityState === 'visible') attempt('api-status', refresh);
  else document.addEventListener('visibilitychange', atTheEnd, { once: true });
}

// What goes wrong is said where it happened. A refused refresh has already replaced the whole view.
async function attempt(place, action) {
  $(place).textContent = '';
  try {
    await action();
  } catch (error) {
    if (!store.get('tokens')) return;
    $(place).textContent = error instanceof TypeError ? 'The gateway or the sign-in service cannot be reached. Try again in a moment.' : error.message;
  }
}

// A note belongs to this tab and to the person who wrote it; it never leaves the browser.
function restoreNote() {
  const pad = $('note');
  if (!pad) return;
  const key = `note:${store.get('tokens').claims.sub}`;
  pad.value = store.get(key) ?? '';
  pad.oninput = () => store.set(key, pad.value);
}

$('sign-in').onclick = () => signIn().catch(sayUnreachable);
$('sign-out').onclick = () => signOut().catch(sayUnreachable);
$('reload').onclick = () => attempt('api-status', () => Promise.all([loadOrders(), loadWhoAmI()]));
$('order').onsubmit = event => {
  event.preventDefault();
  attempt('order-status', () => placeOrder(event.target));
};
for (const link of document.querySelectorAll('a[data-other]')) link.href = config.otherAddress;
// The Back button must not bring a page back that shows a person who has signed out.
window.onpageshow = event => { if (event.persisted) location.reload(); };

function sayUnreachable(error) {
  showWelcome(error instanceof Refused ? error.message : 'The sign-in service cannot be reached. Try again in a moment.');
}

async function start() {
  const answer = new URLSearchParams(location.search);
  if (location.pathname === '/callback') {
    await finishSignIn(answer);
  } else if (answer.has('state') && answer.get('state') === store.take('signing-out')) {
    history.replaceState(null, '', '/');
    return showWelcome(`You are signed out here and at the sign-in service. If ${config.otherName} is open in another tab, it keeps working until its current token ends: 5 minutes at most.`);
  } else if (!store.get('tokens') && !store.get('asked')) {
    // Once in each tab: whoever is signed in elsewhere goes straight in, everyone else comes back to the button.
    store.set('asked', true);
    return signIn('none');
  }
  return store.get('tokens') ? showApp() : showWelcome();
}

start().catch(sayUnreachable);
