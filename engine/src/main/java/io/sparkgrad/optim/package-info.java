/** Optimizers and learning-rate schedules as rules over runs of numbers. */
package io.sparkgrad.optim;
