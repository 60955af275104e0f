package io.sparkgrad.op;

/** A call that must fail, and a text that its error must contain. */
public record ErrorInput(String text, Runnable call) {}
