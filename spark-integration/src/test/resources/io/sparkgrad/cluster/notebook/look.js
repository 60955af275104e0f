// Writes what cannot be read on this page into <pre id="faults">: texts without contrast, cut off, or on one another.
const faults = [];
let texts = 0;

const style = element => element.ownerDocument.defaultView.getComputedStyle(element);

const channels = color => (color.match(/[\d.]+/g) || []).map(Number);

/** A colour of some opacity over another. */
function over(top, below) {
  const opacity = top.length > 3 ? top[3] : 1;
  return below.map((c, i) => top[i] * opacity + c * (1 - opacity));
}

/** WCAG's relative luminance. */
function luminance(rgb) {
  const [r, g, b] = rgb.map(c => c / 255).map(c => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function background(element) {
  if (!element) return [255, 255, 255];
  const own = channels(style(element).backgroundColor);
  return over(own.length > 3 ? own : own.concat(1), background(element.parentElement));
}

function check(what, color, element, least) {
  const behind = background(element);
  const seen = contrast(over(channels(color), behind), behind);
  if (seen < least) faults.push(`'${what}' has a contrast of ${seen.toFixed(1)}`);
}

function checkChart(svg) {
  for (const mark of svg.querySelectorAll('path')) check('a curve', style(mark).stroke, svg, 3);
  for (const mark of svg.querySelectorAll('circle, tspan[fill]')) check('a mark', style(mark).fill, svg, 3);
  const shown = [...svg.querySelectorAll('text')];
  for (const text of shown) {
    texts++;
    const name = visible(text);
    if (!text.querySelector('tspan[fill]')) check(name, style(text).fill, svg, 4.5);
    for (const part of text.querySelectorAll('tspan:not([fill])')) check(part.textContent, style(part).fill, svg, 4.5);
    const box = text.getBoundingClientRect();
    const panel = room(text, svg);
    if (box.left < panel.left || box.right > panel.right || box.top < panel.top || box.bottom > panel.bottom)
      faults.push(`'${name}' is cut off`);
    for (const other of shown.slice(shown.indexOf(text) + 1))
      if (meet(box, other.getBoundingClientRect())) faults.push(`'${name}' lies on '${visible(other)}'`);
  }
}

const visible = text => [...text.childNodes].filter(n => n.nodeName !== 'title').map(n => n.textContent).join('');

/** The panel that a text belongs to. */
function room(text, svg) {
  const all = svg.getBoundingClientRect();
  const shift = text.parentElement.getAttribute('transform');
  if (!shift) return all;
  const scale = all.width / svg.viewBox.baseVal.width;
  const [x, y] = channels(shift);
  const left = all.left + x * scale;
  const top = all.top + y * scale;
  return {left, top, right: left + 460 * scale, bottom: top + 280 * scale};
}

/** Whether boxes of lines overlap by more than their rims. */
function meet(a, b) {
  const rim = 1;
  return a.left < b.right - rim && b.left < a.right - rim && a.top < b.bottom - rim - 3 && b.top < a.bottom - rim - 3;
}

function checkTables() {
  for (const cell of document.querySelectorAll('td, th, caption')) {
    if (!cell.textContent) continue;
    texts++;
    check(cell.textContent, style(cell).color, cell, 4.5);
    if (cell.scrollWidth > cell.clientWidth + 1) faults.push(`'${cell.textContent}' is cut off`);
  }
}

window.onload = () => {
  const frames = [...document.querySelectorAll('iframe')].map(f => f.contentDocument);
  for (const place of [document, ...frames]) for (const svg of place.querySelectorAll('svg')) checkChart(svg);
  checkTables();
  const result = document.createElement('pre');
  result.id = 'faults';
  result.dataset.texts = texts;
  result.textContent = faults.join('\n');
  document.body.append(result);
};
