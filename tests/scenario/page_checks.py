"""Checks that run inside the page: names of controls, contrast of text, sideways scrolling. Each returns a list of faults."""

NAMES = """
() => {
  const faults = [];
  const seen = new Set();
  for (const e of document.querySelectorAll('[id]')) {
    if (seen.has(e.id)) faults.push('id twice: ' + e.id);
    seen.add(e.id);
  }
  const text = (e) => {
    const by = e.getAttribute('aria-labelledby');
    if (by) return by.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
    const labels = [...(e.labels ?? [])].map((l) => l.textContent).join(' ');
    const own = ['INPUT', 'TEXTAREA', 'SELECT'].includes(e.tagName) ? '' : e.textContent;
    return (e.getAttribute('aria-label') || labels || own).trim();
  };
  const controls = 'button, a[href], input, select, textarea, dialog[open], summary, [role=group], section, nav';
  for (const e of document.querySelectorAll(controls)) {
    if (!e.checkVisibility()) continue;
    if (!text(e)) faults.push('no name: ' + e.outerHTML.slice(0, 120));
  }
  for (const e of document.querySelectorAll('svg:not([aria-hidden])')) faults.push('svg is read out: ' + e.outerHTML);
  if (!document.documentElement.lang) faults.push('no lang');
  return faults;
}
"""

CONTRAST = """
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
  const ground = (e) => {
    const layers = [];
    for (; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const faults = [];
  let checked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest('.unseen, .skip, script, noscript')) continue;
    const style = getComputedStyle(e);
    const under = ground(e);
    const [a, b] = [light(over(rgba(style.color), under)), light(under)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    checked += 1;
    if (ratio < (large ? 3 : 4.5)) faults.push(ratio.toFixed(2) + ': ' + walker.currentNode.data.trim().slice(0, 40));
  }
  if (checked < 5) faults.push('checked only ' + checked + ' texts');
  return faults;
}
"""

OVERFLOW = """
() => {
  const faults = [];
  const width = document.documentElement.clientWidth;
  const whole = document.documentElement.scrollWidth;
  if (whole > width) faults.push('page: ' + whole + ' > ' + width);
  for (const e of document.querySelectorAll('.conversation, .panel-body, .turn, .measure, header')) {
    const over = e.scrollWidth - e.clientWidth;
    if (e.checkVisibility() && over > 1) faults.push(e.className + ': ' + over + ' too wide');
  }
  return faults;
}
"""
