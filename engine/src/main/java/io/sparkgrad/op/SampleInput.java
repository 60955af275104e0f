package io.sparkgrad.op;

import io.sparkgrad.Tensor;

/**
 * A call that must work: the op with its attributes, and its inputs. PyTorch's OpInfo has the like.
 */
public record SampleInput(Op op, Tensor... inputs) {}
