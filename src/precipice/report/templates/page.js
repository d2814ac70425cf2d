// The page a reader can move. No build, no network: Vega lies before this in the page as `window.vega`, what it draws
// in the two blocks of JSON. Numbers come in as creators by cell of joining and level of uploads (docs/page.md) and are
// only ever added up here.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const held = read("explorer-data");
const drawn = read("explorer-figures");
const at = (id) => document.getElementById(id);
const MONTH = 86400000 * 30.44;
const COHORTS = ["senior", "junior"];

// ---- months: numbers since year 0, as in precipice.months ----------------------------------------------------------

const time = (month) => Date.UTC(Math.floor(month / 12), month % 12, 1);
const monthText = (month) => `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;

function periodText(month, period) {
  const year = Math.floor(month / 12);
  return period === 12 ? `${year}` : period === 3 ? `${year}-Q${Math.floor((month % 12) / 3) + 1}` : monthText(month);
}

// ---- cells to series ------------------------------------------------------------------------------------------------

// Sums of the cells of one month before each cutoff and from it on; NaN where no cell ends there or something is held.
function cumulate(row, bins) {
  const before = new Float64Array(bins + 1).fill(NaN), cells = [];
  let bin = 0, sum = 0;
  before[0] = 0;
  for (let i = 0; i < row.length; ) {
    const width = row[i++];
    if (width === 0) {
      for (let n = row[i++]; n > 0; n--) cells.push([++bin, 0]);
    } else if (width < 0) {
      bin -= width;
      cells.push([bin, NaN]);
    } else {
      bin += width;
      cells.push([bin, row[i++]]);
    }
  }
  for (const [end, value] of cells) before[end] = sum += value;
  const after = new Float64Array(bins + 1).fill(NaN);
  after[bins] = sum = 0;
  for (let i = cells.length - 1; i >= 0; i--) after[i ? cells[i - 1][0] : 0] = sum += cells[i][1];
  return { senior: before, junior: after };
}

for (const platform of held.platforms) {
  const bins = platform.cutoffs.length + 1;
  platform.sums = platform.levels.map((rows) => rows.map((row) => cumulate(row, bins)));
}

// A cohort's numbers at a cutoff (by index) and a cap: those of the tables at the study's own, sums of cells elsewhere.
function cohortSeries(platform, cohort, cutoff, cap) {
  if (cutoff === platform.own && cap === held.cap) return published(platform, cohort);
  const depth = platform.by_level ? cap : 1, numbers = [];
  for (let i = 0; i < platform.start.length; i++) {
    if (cohort === "junior" && platform.start[i] < platform.cutoffs[cutoff]) continue;
    let total = 0, squares = 0;
    for (let level = 0; level < depth; level++) {
      const creators = platform.sums[level][i][cohort][cutoff + 1];
      total += creators;
      squares += (2 * level + 1) * creators;
    }
    numbers.push(number(platform, i, total, platform.by_level ? interval(total, squares) : [null, null]));
  }
  return numbers;
}

function number(platform, index, total, limits) {
  const months = platform.end[index] - platform.start[index] + 1, known = !Number.isNaN(total);
  const per = (value, digits) => (known && value !== null ? round(value / months, digits) : null);
  return {
    index, start: platform.start[index], end: platform.end[index], complete: !!platform.complete[index],
    value: per(total, 3), low: per(limits[0], 2), high: per(limits[1], 2), status: known ? "given" : "withheld",
  };
}

function published(platform, cohort) {
  const line = platform.published[cohort];
  if (!line) return [];
  return line.start.map((start, i) => {
    const index = platform.end.findIndex((end) => end >= start);
    return {
      index, start, end: platform.end[index], complete: !!line.complete[i],
      value: line.value[i], low: line.low[i], high: line.high[i],
      status: line.value[i] !== null ? "given" : line.few[i] ? `<${held.fewest}` : "withheld",
    };
  });
}

const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

// ---- exact bands: Garwood's limits of an effective number of units, as precipice.series.interval_of_sum -------------

function interval(total, squares) {
  if (Number.isNaN(total)) return [null, null];
  const weight = total > 0 ? squares / total : 1, units = total / weight;
  return [total > 0 ? weight * gammaQuantile(units, -1) : 0, weight * gammaQuantile(units + 1, 1)];
}

const Z = 1.959963984540054;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function logGamma(x) {
  if (x > 50) return (x - 0.5) * Math.log(x) - x + 0.9189385332046727 + 1 / (12 * x) - 1 / (360 * x ** 3);
  let sum = LANCZOS[0];
  for (let i = 1; i < 9; i++) sum += LANCZOS[i] / (x - 1 + i);
  const t = x + 6.5;
  return 0.9189385332046727 + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

// The regularised lower incomplete gamma function: its series below the mean, its continued fraction above it.
function gammaBelow(a, x, log) {
  const front = Math.exp(-x + a * Math.log(x) - log);
  if (x < a + 1) {
    let term = 1 / a, sum = term;
    for (let n = a + 1; Math.abs(term) > sum * 1e-15; n++) sum += term *= x / n;
    return front * sum;
  }
  let b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (let i = 1; i < 100000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return 1 - front * h;
}

// The 2.5 % (side -1) or 97.5 % (side 1) quantile, from Wilson and Hilferty's guess by Halley's steps.
function gammaQuantile(a, side) {
  const log = logGamma(a), p = side < 0 ? 0.025 : 0.975;
  let x = a * Math.max(1 - 1 / (9 * a) + (side * Z) / (3 * Math.sqrt(a)), 0) ** 3;
  if (!(x > 0.02 * a)) x = Math.exp((Math.log(p * a) + log) / a);
  for (let i = 0; i < 40; i++) {
    const density = Math.exp(-x + (a - 1) * Math.log(x) - log);
    const step = (gammaBelow(a, x, log) - p) / density;
    const halley = step / (1 - 0.5 * Math.min(1, step * ((a - 1) / x - 1)));
    const next = x - halley > 0 ? x - halley : x / 2;
    if (Math.abs(next - x) < 1e-11 * x) return next;
    x = next;
  }
  return x;
}

// ---- what is chosen -------------------------------------------------------------------------------------------------

const chosen = { platform: 0, cutoff: 0, cap: held.cap, event: held.events.length - 1, window: 12, from: 0, to: 0, senior: true, junior: true, bands: true };
const now = { lines: {}, rows: [] };
const platform = () => held.platforms[chosen.platform];
const capOf = () => platform().caps.find((cap) => cap.cap === chosen.cap);
const events = () => held.events.filter((e) => !e.platforms.length || e.platforms.includes(platform().name));

function nearest(values, wanted) {
  return values.reduce((best, value, i) => (Math.abs(value - wanted) < Math.abs(values[best] - wanted) ? i : best), 0);
}

// Take a platform up: its months, caps and cutoffs; what was chosen stays where it can.
function enter(index, cutoff) {
  chosen.platform = index;
  const { caps, start, end } = platform();
  chosen.from = 0;
  chosen.to = start.length - 1;
  if (!capOf()) chosen.cap = caps[nearest(caps.map((c) => c.cap), chosen.cap)].cap;
  fill("explore-event", events().map((e) => e.label));
  chosen.event = Math.max(0, Math.min(chosen.event, events().length - 1));
  at("explore-event").value = chosen.event;
  slider("explore-cap", caps.length - 1, caps.indexOf(capOf()));
  for (const id of ["explore-from", "explore-to"]) slider(id, start.length - 1, id.endsWith("to") ? end.length - 1 : 0);
  settle(cutoff);
}

// Put the cutoff where this cap can be given, as near as may be to the month wanted.
function settle(wanted) {
  const { cutoffs } = platform(), offered = held.api ? cutoffs.map((_, i) => i) : capOf().cutoffs;
  const place = nearest(offered.map((i) => cutoffs[i]), wanted);
  chosen.cutoff = offered[place];
  chosen.moved = cutoffs[chosen.cutoff] !== wanted ? wanted : null;
  slider("explore-cutoff", offered.length - 1, place);
}

function slider(id, max, value) {
  const input = at(id);
  input.max = max;
  input.value = value;
  input.disabled = max === 0;
}

function fill(id, labels) {
  const select = at(id), before = select.value;
  select.replaceChildren(...labels.map((label, i) => new Option(label, i)));
  if (labels[before]) select.value = before;
}

function say(id, text, value = text) {
  at(`${id}-says`).textContent = text;
  at(id).setAttribute("aria-valuetext", value);
}

// ---- drawing --------------------------------------------------------------------------------------------------------

const ROOM = { lines: [52, 64], strip: [52, 64], placebos: [52, 16], retention: [76, 16] };
const views = {};

function view(name, signals = {}) {
  const box = at(`explore-${name}`);
  if (!views[name]) {
    const spec = { ...drawn[name], signals: drawn[name].signals.map((s) => (s.name in signals ? { ...s, value: signals[s.name] } : s)) };
    views[name] = new vega.View(vega.parse(spec, null, { ast: true }), {
      expr: vega.expressionInterpreter, renderer: "svg", container: box, hover: false,
    });
    views[name].tooltip(() => {});
    box.firstElementChild.setAttribute("aria-hidden", "true"); // the box says in words what it shows
    listen(name, views[name], box);
  }
  const [left, right] = ROOM[name];
  return views[name].padding({ left, right, top: name === "lines" ? now.above : name === "placebos" ? 22 : 8, bottom: name === "placebos" || name === "retention" ? 38 : 22 })
    .width(Math.max(160, box.clientWidth - left - right));
}

function listen(name, view, box) {
  const tip = at("explore-tip");
  view.addEventListener("pointermove", (event, item) => {
    const words = item && item.datum ? told(name, item.datum) : "";
    tip.hidden = !words;
    if (!words) return;
    tip.textContent = words;
    const place = at("explore").getBoundingClientRect();
    tip.style.left = `${Math.min(event.clientX - place.left + 12, place.width - tip.offsetWidth - 4)}px`;
    tip.style.top = `${event.clientY - place.top + 14}px`;
  });
  box.addEventListener("pointerleave", () => (tip.hidden = true));
  if (name === "strip") view.addSignalListener("brush_x", brushed);
}

function told(name, datum) {
  if (name === "lines" && datum.words) return datum.words;
  if (name === "placebos" && datum.count) return `${datum.count} cutoffs from ${signed(datum.low)} to ${signed(datum.high)}`;
  if (name === "retention" && datum.first)
    return `${datum.first}, months ${datum.from} to ${datum.to - 1}: ${datum.share === null ? `fewer than ${held.fewest}` : `${Math.round(100 * datum.share)} %`}`;
  return "";
}

const middle = (n) => (time(n.start) + time(n.end + 1)) / 2;
const HEIGHT = drawn.lines.height;

// Draw the cohorts. Rows of one run are joined; a number withheld or unfinished breaks it.
function drawLines() {
  const p = platform(), months = [p.start[chosen.from], p.end[chosen.to]];
  const rows = { bands: [], points: [], withheld: [], ends: [], hatch: [], window: [], events: [], flags: [], cutoff: [] };
  let top = 1;
  for (const cohort of COHORTS.filter((name) => chosen[name])) {
    let run = 0;
    for (const n of now.lines[cohort]) {
      if (n.index < chosen.from || n.index > chosen.to) continue;
      const row = { t: middle(n), cohort, value: n.value, words: words(cohort, n) };
      if (n.value === null) {
        rows.withheld.push({ ...row, y: HEIGHT, y2: HEIGHT - 6 });
        run++;
      } else if (!n.complete) {
        rows.points.push(row);
        run++;
      } else {
        const band = chosen.bands && n.low !== null;
        rows.bands.push({ ...row, low: band ? n.low : n.value, high: band ? n.high : n.value, run: `${cohort}${run}` });
      }
      top = Math.max(top, n.value ?? 0, n.complete && chosen.bands ? n.high ?? 0 : 0);
    }
  }
  const scale = (value) => HEIGHT * (1 - value / (1.04 * top));
  rows.ends = apart(COHORTS.filter((name) => chosen[name]).map((cohort) => {
    const given = now.lines[cohort].filter((n) => n.value !== null && n.index >= chosen.from && n.index <= chosen.to).at(-1);
    return given && { t: time(months[1] + 1), cohort, label: `${cohort}s`, y: scale(given.value) };
  }).filter(Boolean));
  frame(rows, months);
  const v = view("lines").signal("from", time(months[0])).signal("to", time(months[1] + 1)).signal("top", 1.04 * top);
  for (const name in rows) v.data(name, rows[name]);
  return v.runAsync();
}

function apart(ends) {
  ends.sort((a, b) => a.y - b.y);
  if (ends.length === 2 && ends[1].y - ends[0].y < 14) {
    const centre = Math.min(Math.max((ends[0].y + ends[1].y) / 2, 7), HEIGHT - 7);
    [ends[0].y, ends[1].y] = [centre - 7, centre + 7];
  }
  return ends;
}

// Events with their labels above the plot, the cutoff, the months before and after the event, unfinished months.
function frame(rows, months) {
  const p = platform(), span = time(months[1] + 1) - time(months[0]);
  const width = Math.max(160, at("explore-lines").clientWidth - ROOM.lines[0] - ROOM.lines[1]);
  const across = (t) => (width * (t - time(months[0]))) / span, inside = (t) => t >= time(months[0]) && t <= time(months[1] + 1);
  const cutoff = p.cutoffs[chosen.cutoff];
  if (inside(time(cutoff))) rows.cutoff.push({ t: time(cutoff), y: 0, y2: HEIGHT });
  const flags = events().filter((e) => inside(e.time)).map((e) => ({ t: e.time, label: e.label }));
  if (inside(time(cutoff))) flags.push({ t: time(cutoff), label: `cutoff ${monthText(cutoff)}` });
  const wide = flags.map((flag) => ({ ...flag, x: across(flag.t), size: 6.3 * flag.label.length + 8 })).sort((a, b) => b.x - a.x);
  // One lane each, the last event's lowest, always fits; a search for fewer lanes stops before it is felt.
  const taken = seated(wide, width + 60, { left: 400 }) ?? wide.map((flag, lane) => ({ ...flag, lane, left: false }));
  for (const { t, label, lane, left } of taken) {
    rows.flags.push({ t, label, left, y: -5 - 14 * lane });
    rows.events.push({ t, y: -14 * lane - 14, y2: label.startsWith("cutoff ") ? 0 : HEIGHT });
  }
  now.above = 14 * (Math.max(0, ...taken.map((flag) => flag.lane)) + 1) + 10;
  const event = events()[chosen.event];
  if (event) rows.window.push({ t: time(event.month - chosen.window), t2: time(event.month + chosen.window) });
  p.complete.forEach((complete, i) => {
    if (complete || i < chosen.from || i > chosen.to) return;
    const [a, b] = [time(p.start[i]), time(p.end[i] + 1)], slant = Math.max(6, across(b) - across(a));
    for (let y = 0; y < HEIGHT + slant; y += 7)
      rows.hatch.push({ t: a, t2: b, y: Math.min(HEIGHT, y), y2: Math.max(0, y - slant) });
  });
}

// Find a side and a lane for each label: it lies on no other, on no other's rule, and its own rule passes through none.
function seated(flags, most, tries, taken = []) {
  if (taken.length === flags.length) return taken;
  if (tries.left-- < 0) return null;
  const flag = flags[taken.length];
  for (let lane = 0; lane < Math.min(5, flags.length); lane++)
    for (const left of [false, true]) {
      const [low, high] = left ? [flag.x - flag.size, flag.x] : [flag.x, flag.x + flag.size];
      const free = taken.every((o) =>
        (o.lane !== lane || o.high <= low || o.low >= high) &&
        (o.x <= low || o.x >= high || o.lane < lane) && (flag.x <= o.low || flag.x >= o.high || lane < o.lane));
      const found = free && low > -48 && high < most ? seated(flags, most, tries, [...taken, { ...flag, low, high, lane, left }]) : null;
      if (found) return found;
    }
  return null;
}

function drawStrip() {
  const p = platform(), rows = p.start.map((start, i) => ({ t: middle({ start, end: p.end[i] }), value: p.all[i] }));
  return view("strip").signal("from", time(p.start[0])).signal("to", time(p.end.at(-1) + 1)).data("all", rows.filter((r) => r.value !== null)).runAsync();
}

let quiet = false;

async function showBrush() {
  const p = platform(), v = views.strip, whole = chosen.from === 0 && chosen.to === p.start.length - 1;
  const across = (t) => (v.width() * (t - time(p.start[0]))) / (time(p.end.at(-1) + 1) - time(p.start[0]));
  quiet = true;
  await v.signal("brush_x", whole ? [] : [across(time(p.start[chosen.from])), across(time(p.end[chosen.to] + 1))]).runAsync();
  quiet = false;
}

let waiting = 0;

function brushed(_, pixels) {
  if (quiet) return;
  const p = platform(), width = views.strip.width();
  const month = (x) => p.start[0] + ((p.end.at(-1) + 1 - p.start[0]) * x) / width;
  const all = pixels.length < 2 || Math.abs(pixels[1] - pixels[0]) < 2;
  const [low, high] = all ? [0, width] : [Math.min(...pixels), Math.max(...pixels)];
  chosen.from = Math.max(0, p.start.findIndex((_, i) => p.end[i] + 0.5 >= month(low)));
  chosen.to = Math.max(chosen.from, p.start.findLastIndex((start) => start + 0.5 <= month(high)));
  at("explore-from").value = chosen.from;
  at("explore-to").value = chosen.to;
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => show());
}

// ---- words and numbers ----------------------------------------------------------------------------------------------

const amount = (value) => (value >= 9.95 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : value.toFixed(1));
const signed = (value) => (Math.round(value) === 0 ? "0\u00a0%" : `${value > 0 ? "+" : "−"}${Math.abs(Math.round(value))}\u00a0%`);

function words(cohort, n) {
  const limits = n.low === null ? "" : ` (${amount(n.low)} to ${amount(n.high)})`;
  const what = n.value === null ? `not told (${n.status})` : `${amount(n.value)} uploads a month${limits}`;
  return `${cohort}s, ${periodText(n.start, platform().period)}: ${what}${n.complete ? "" : ", unfinished"}`;
}

// Means of the complete months before an event and from it on; nothing where one of them is not given.
function around(cohort, event) {
  const mean = (from, to) => {
    const part = now.lines[cohort].filter((n) => n.start >= from && n.end <= to && n.complete);
    const months = part.reduce((sum, n) => sum + n.end - n.start + 1, 0);
    if (months < to - from + 1 || part.some((n) => n.value === null)) return null;
    return part.reduce((sum, n) => sum + n.value * (n.end - n.start + 1), 0) / months;
  };
  const before = mean(event.month - chosen.window, event.month - 1), after = mean(event.month, event.month + chosen.window - 1);
  const name = `${cohort}s`;
  if (before === null || after === null) return `${name}: not all of those months are there to compare`;
  const change = before > 0 ? ` (${signed(100 * (after / before - 1))})` : "";
  return `${name} went from ${amount(before)} to ${amount(after)} uploads a month${change}`;
}

function sentence() {
  const p = platform(), cutoff = monthText(p.cutoffs[chosen.cutoff]), event = events()[chosen.event];
  const parts = [
    `${p.label}, ${monthText(p.start[chosen.from])} to ${monthText(p.end[chosen.to])}: seniors first uploaded before ${cutoff}, juniors in ${cutoff} or later; ` +
      (chosen.cap >= 1e6 ? "all uploads counted." : `at most ${chosen.cap === 1 ? "one upload" : `${chosen.cap} uploads`} a month and ${held.unit} counted.`),
  ];
  if (chosen.moved) parts.push(`At this cap ${monthText(chosen.moved)} cannot be told; ${cutoff} is the nearest cutoff that can.`);
  if (!held.api && p.caps.length === 1 && p.caps[0].cutoffs.length === 1)
    parts.push(`There are too few ${held.unit}s for another cutoff or cap to be told.`);
  const shown = COHORTS.filter((name) => chosen[name]);
  if (event && shown.length)
    parts.push(`From the ${chosen.window} months before ${event.label} to the ${chosen.window} from it on, ${shown.map((name) => around(name, event)).join("; ")}.`);
  const gone = shown.flatMap((name) => now.lines[name]).filter((n) => n.value === null && n.index >= chosen.from && n.index <= chosen.to).length;
  if (gone) parts.push(`${gone} ${gone === 1 ? "number is" : "numbers are"} held back: fewer than ${held.fewest} ${held.unit}s could be told from ${gone === 1 ? "it" : "them"}.`);
  parts.push("Seniors fall with no event at all, since nobody can join them; how far they fell says nothing of a cause.");
  return parts.join(" ");
}

const COLUMNS = ["platform", "cohort", "period", "months", "capped_a_month", "capped_low", "capped_high", "status", "complete"];

function tableRows() {
  return COHORTS.filter((name) => chosen[name]).flatMap((cohort) =>
    now.lines[cohort].filter((n) => n.index >= chosen.from && n.index <= chosen.to).map((n) => [
      platform().name, cohort, periodText(n.start, platform().period), n.end - n.start + 1, n.value, n.low, n.high, n.status, n.complete,
    ]));
}

function drawTable() {
  at("explore-rows").replaceChildren(...now.rows.map((row) => {
    const line = document.createElement("tr");
    for (const column of [2, 1, 4, 5, 6, 7]) {
      const cell = document.createElement(column === 2 ? "th" : "td");
      if (column === 2) cell.scope = "row";
      cell.textContent = row[column] ?? "";
      line.append(cell);
    }
    if (held.api) line.append(whoButton(row));
    return line;
  }));
}

// Under --serve each number opens: its creators, by pseudonym.
function whoButton(row) {
  const cell = document.createElement("td"), button = document.createElement("button");
  button.type = "button";
  button.textContent = "who";
  button.setAttribute("aria-label", `Who: ${row[1]}s, ${row[2]}`);
  button.addEventListener("click", async () => {
    const found = await ask("creators", { platform: row[0], cohort: row[1], month: row[2] });
    const told = found.told.map((one) => `${one.creator} (${one.uploads}; since ${one.first}, ${one.in_all} in all)`);
    at("explore-who").hidden = false;
    at("explore-who").textContent = `${row[1]}s of ${row[2]}, ${found.creators} with uploads: ${told.join(", ")}`;
  });
  cell.append(button);
  return cell;
}

const quoted = (value) => (value === null ? "" : typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : `${value}`);
const csv = () => `${[COLUMNS, ...now.rows].map((row) => row.map(quoted).join(",")).join("\n")}\n`;

function offer(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const stem = () => `cohorts-${platform().name}-${monthText(platform().cutoffs[chosen.cutoff])}-cap-${chosen.cap}`;

async function picture(kind) {
  if (kind === "csv") return offer(`${stem()}.csv`, new Blob([csv()], { type: "text/csv" }));
  if (kind === "svg") return offer(`${stem()}.svg`, new Blob([await views.lines.toSVG()], { type: "image/svg+xml" }));
  const canvas = await views.lines.toCanvas(2);
  return canvas.toBlob((blob) => offer(`${stem()}.png`, blob), "image/png");
}

// ---- beside: placebos, retention ------------------------------------------------------------------------------------

function drawPlacebos() {
  if (!held.placebos.length) return null;
  const found = held.placebos[at("explore-effect").value];
  const values = found.placebos, ends = [...values, found.low, found.high, found.value].filter(Number.isFinite);
  const [low, high] = [Math.min(...ends), Math.max(...ends)], bins = Math.max(5, Math.min(30, Math.round(2 * Math.sqrt(values.length))));
  const width = (high - low) / bins || 1, counts = new Array(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - low) / width))]++;
  const bars = counts.map((count, i) => ({ low: low + i * width + 0.04 * width, high: low + (i + 1) * width - 0.04 * width, count })).filter((b) => b.count);
  const left = found.value > (low + high) / 2;
  const beyond = values.filter((value) => Math.abs(value) >= Math.abs(found.value)).length;
  const event = [{ ...found, level: 180 - 6, y: -18, y2: 180, left, label: `${found.event} ${signed(found.value)}` }];
  at("explore-placebo-words").textContent =
    `${found.words} At ${found.event} it was ${signed(found.value)} (${signed(found.low)} to ${signed(found.high)}). ` +
    `Of ${values.length} earlier cutoffs when nothing happened, ${beyond} had a change as large, up or down.`;
  at("explore-placebos").setAttribute("aria-label", `Histogram. ${at("explore-placebo-words").textContent}`);
  return view("placebos").signal("from", low - 0.02 * (high - low)).signal("to", high + 0.02 * (high - low)).data("bars", bars).data("event", event).runAsync();
}

function drawRetention() {
  const found = held.retention.find((part) => part.platform === platform().name), box = at("explore-retained");
  box.hidden = !found;
  if (!found) return null;
  const shares = found.cells.map((cell) => cell.share ?? 0);
  at("explore-retention").setAttribute("aria-label", found.description);
  const years = new Set(found.cells.map((cell) => cell.first)).size;
  return view("retention").height(Math.max(60, 18 * years)).signal("to", Math.max(...found.cells.map((c) => c.to)))
    .signal("top", Math.max(0.05, Math.ceil(20 * Math.max(...shares)) / 20)).data("cells", found.cells).runAsync();
}

// ---- together -------------------------------------------------------------------------------------------------------

let asked = 0;

// Show what is chosen: in the published page from its cells; under `precipice report --serve` as the panel has it.
async function show() {
  const turn = ++asked;
  const cutoff = platform().cutoffs[chosen.cutoff];
  say("explore-cutoff", monthText(cutoff));
  say("explore-cap", chosen.cap === 1 ? "one upload" : chosen.cap >= 1e6 ? "no cap" : `${chosen.cap} uploads`);
  say("explore-window", `${chosen.window} months`);
  say("explore-from", periodText(platform().start[chosen.from], platform().period));
  say("explore-to", periodText(platform().start[chosen.to], platform().period));
  const lines = held.api ? await ask("series", { platform: platform().name, cap: chosen.cap }) : Object.fromEntries(COHORTS.map((name) => [name, cohortSeries(platform(), name, chosen.cutoff, chosen.cap)]));
  if (turn !== asked) return;
  now.lines = lines;
  now.rows = tableRows();
  await drawLines();
  const text = sentence();
  at("explore-words").textContent = text;
  at("explore-lines").setAttribute("aria-label", `Line chart. ${text}`);
  if (at("explore-table").open) drawTable();
  document.documentElement.dataset.shown = ++shown;
}

let shown = 0;

async function ask(what, query) {
  const whole = new URLSearchParams({ cutoff: monthText(platform().cutoffs[chosen.cutoff]), ...query });
  const answer = await fetch(`${held.api}/${what}?${whole}`, { headers: { "X-Precipice-Token": held.token } });
  return answer.json();
}

async function enterAndShow(index) {
  enter(index, platform().cutoffs[chosen.cutoff]);
  await show();
  await drawStrip();
  await showBrush();
  await drawRetention();
}

function wire() {
  const on = (id, type, act) => at(id).addEventListener(type, (event) => act(event.target));
  on("explore-platform", "change", (input) => enterAndShow(Number(input.value)));
  on("explore-cutoff", "input", (input) => {
    const offered = held.api ? platform().cutoffs.map((_, i) => i) : capOf().cutoffs;
    chosen.cutoff = offered[input.value];
    chosen.moved = null;
    show();
  });
  on("explore-cap", "input", (input) => {
    const wanted = chosen.moved ?? platform().cutoffs[chosen.cutoff];
    chosen.cap = platform().caps[input.value].cap;
    settle(wanted);
    show();
  });
  on("explore-event", "change", (input) => { chosen.event = Number(input.value); show(); });
  on("explore-window", "input", (input) => { chosen.window = Number(input.value); show(); });
  for (const end of ["from", "to"]) on(`explore-${end}`, "input", (input) => {
    chosen[end] = Number(input.value);
    const other = end === "from" ? "to" : "from";
    if (chosen.from > chosen.to) at(`explore-${other}`).value = chosen[other] = chosen[end];
    showBrush().then(show);
  });
  for (const name of ["senior", "junior", "bands"]) on(`explore-${name}`, "change", (input) => { chosen[name] = input.checked; show(); });
  for (const kind of ["csv", "svg", "png"]) on(`explore-${kind}`, "click", () => picture(kind));
  at("explore-table").addEventListener("toggle", drawTable);
  if (held.placebos.length) on("explore-effect", "change", drawPlacebos);
  let width = at("explore").clientWidth;
  new ResizeObserver(() => {
    if (at("explore").clientWidth === width) return;
    width = at("explore").clientWidth;
    drawAll();
  }).observe(at("explore"));
}

async function drawAll() {
  await show();
  document.documentElement.dataset.first ??= Math.round(performance.now());
  await drawStrip();
  await showBrush();
  await drawRetention();
  await drawPlacebos();
}

async function begin() {
  at("explore").hidden = false;
  document.documentElement.classList.add("moving");
  fill("explore-platform", held.platforms.map((p) => p.label));
  if (held.placebos.length) fill("explore-effect", held.placebos.map((p) => p.label));
  enter(0, held.platforms[0].cutoffs[held.platforms[0].own]);
  wire();
  await drawAll();
  document.documentElement.dataset.ready = Math.round(performance.now());
}

if (held.platforms.length) begin();
