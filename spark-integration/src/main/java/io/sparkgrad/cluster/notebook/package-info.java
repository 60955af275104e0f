/**
 * Display of histories and results: text, Zeppelin's tables and HTML, charts as SVG and PNG. Knows
 * series of numbers and data frames, no fit and no model.
 */
package io.sparkgrad.cluster.notebook;
