#!/usr/bin/env bash
# SVGO removes all frames but one of a picture in which CSS shows them in turn.
#
# Guess: Optimizing a picture doesn't change what it shows: SVGO's preset leaves out what is never visible, and an
# animation in a style sheet is a reason to leave an element where it is.
# What happens: Each frame whose `visibility` is hidden at the beginning is removed, though the same rule names the
# animation that makes it visible, and the rule and its keyframes stay. The message is that the file is now so much
# smaller. Frames that are hidden by `opacity` or `display` go as well. Animations that move one long strip, as
# termtosvg makes them, are left whole. `removeHiddenElems: false` is the way out.
# Versions: svgo 4.1.0 on Node 20.
# Source: run of this script; svgo/plugins/removeHiddenElems.js: of a style only the value without the animation counts.
# In this program: the picture of the tour in its README has such frames, and is stored as it was made
# (tests/animated_svg.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund svgo@4.1.0 >/dev/null
cat >optimize.mjs <<'SCRIPT'
import {optimize} from 'svgo';

const picture = (hidden, shown) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 20"><style>
  .frame { ${hidden}; animation: show 3s step-end infinite }
  .frame:first-of-type { ${shown} }
  @keyframes show { 0% { ${shown} } 33.3% { ${hidden} } }
  </style>
  <g class="frame"><text y="15">one</text></g>
  <g class="frame" style="animation-delay:1s"><text y="15">two</text></g>
  <g class="frame" style="animation-delay:2s"><text y="15">three</text></g>
</svg>`;
const withoutPlugin = {plugins: [{name: 'preset-default', params: {overrides: {removeHiddenElems: false}}}]};
const frames = svg => ['one', 'two', 'three'].filter(word => svg.includes(`>${word}<`));
let unchanged = true;
for (const [hidden, shown] of [
  ['visibility: hidden', 'visibility: visible'], ['opacity: 0', 'opacity: 1'], ['display: none', 'display: inline'],
]) {
  const left = frames(optimize(picture(hidden, shown)).data);
  const {data} = optimize(picture(hidden, shown), withoutPlugin);
  console.log(`${hidden}: ${left.length} of 3 frames are left (${left}); without the plugin ${frames(data).length}`);
  unchanged &&= left.length === 1 && frames(data).length === 3;
  unchanged &&= optimize(picture(hidden, shown)).data.includes('@keyframes');
}
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node optimize.mjs
