// Small helps on top of pages that work without it: local times, copy buttons, and no second submit by a double click.

for (const time of document.querySelectorAll('time[datetime]')) {
  const instant = new Date(time.dateTime);
  if (!Number.isNaN(instant.valueOf())) {
    time.title = time.dateTime;
    time.textContent = instant.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  }
}

if (navigator.clipboard) {
  for (const source of document.querySelectorAll('[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button quiet slim copy';
    button.textContent = 'Copy';
    if (source.dataset.copy) {
      button.setAttribute('aria-label', `Copy ${source.dataset.copy}`);
    }

    const said = document.createElement('span');
    said.className = 'unseen';
    said.setAttribute('role', 'status');
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
        button.textContent = said.textContent = 'Copied';
      } catch {
        button.textContent = said.textContent = 'Select and copy by hand';
      }
      setTimeout(() => { button.textContent = 'Copy'; said.textContent = ''; }, 2500);
    });
    source.after(button, said);
  }
}

document.addEventListener('submit', event => {
  const form = event.target;
  if (form.method !== 'post') {
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'true';
  event.submitter?.setAttribute('aria-disabled', 'true');
});

// A page that comes back out of the browser's cache may be sent again.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    form.querySelectorAll('[aria-disabled]').forEach(button => button.removeAttribute('aria-disabled'));
  }
});
