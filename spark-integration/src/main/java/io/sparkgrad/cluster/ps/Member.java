package io.sparkgrad.cluster.ps;

/** An executor that takes part, in one incarnation: who comes back has another port. */
record Member(String executor, Address address) {}
