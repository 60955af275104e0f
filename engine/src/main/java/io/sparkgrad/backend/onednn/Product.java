package io.sparkgrad.backend.onednn;

import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * One of a convolution's three products, compiled for a count of images; it chooses how its
 * operands lie in memory. Any thread may run it, several at once: each brings its own memory, which
 * the caller's PointerScope frees.
 */
final class Product {
  enum Kind {
    /** x and w give y. */
    OUTPUTS,
    /** y's gradient and w give x's. */
    INPUTS,
    /** y's gradient and x give w's. */
    WEIGHTS
  }

  private record Key(Kind kind, ConvolutionShape shape, int images) {}

  private static final int MOST = 1_000; // a ResNet-50 has some 300
  private static final ConcurrentHashMap<Key, Product> COMPILED = new ConcurrentHashMap<>();

  /**
   * An operand.
   *
   * @param plain how the caller's arrays have it
   * @param taken how the product takes it
   */
  private record Operand(int argument, memory.desc plain, memory.desc taken) {
    /** Outlives the scope in which it was made. */
    void keep() {
      plain.retainReference();
      taken.retainReference();
    }
  }

  private final primitive primitive;
  private final memory.desc scratchpad;
  private final Operand first;
  private final Operand second;
  private final Operand result;

  /** The product, compiled at its first call. */
  static Product of(Kind kind, ConvolutionShape shape, int images) {
    if (COMPILED.size() > MOST) COMPILED.clear();
    return COMPILED.computeIfAbsent(
        new Key(kind, shape, images), key -> compile(kind, shape, images));
  }

  private static Product compile(Kind kind, ConvolutionShape shape, int images) {
    Library.useOneThread(); // which is compiled into it
    try (PointerScope scope = new PointerScope()) {
      Product product = new Product(kind, shape, images);
      product.primitive.retainReference();
      product.scratchpad.retainReference();
      product.first.keep();
      product.second.keep();
      product.result.keep();
      return product;
    }
  }

  private Product(Kind kind, ConvolutionShape shape, int images) {
    memory.desc x = images(shape.x(images), memory.format_tag.nchw);
    memory.desc y = images(shape.y(images), memory.format_tag.nchw);
    memory.desc w = weights(shape);
    convolution_forward.primitive_desc forward = forward(shape, images);
    switch (kind) {
      case OUTPUTS -> {
        primitive = new convolution_forward(forward);
        scratchpad = forward.scratchpad_desc();
        first = new Operand(dnnl.DNNL_ARG_SRC, x, forward.src_desc());
        second = new Operand(dnnl.DNNL_ARG_WEIGHTS, w, forward.weights_desc());
        result = new Operand(dnnl.DNNL_ARG_DST, y, forward.dst_desc());
      }
      case INPUTS -> {
        convolution_backward_data.primitive_desc p = backwardData(shape, images, forward);
        primitive = new convolution_backward_data(p);
        scratchpad = p.scratchpad_desc();
        first = new Operand(dnnl.DNNL_ARG_DIFF_DST, y, p.diff_dst_desc());
        second = new Operand(dnnl.DNNL_ARG_WEIGHTS, w, p.weights_desc());
        result = new Operand(dnnl.DNNL_ARG_DIFF_SRC, x, p.diff_src_desc());
      }
      case WEIGHTS -> {
        convolution_backward_weights.primitive_desc p = backwardWeights(shape, images, forward);
        primitive = new convolution_backward_weights(p);
        scratchpad = p.scratchpad_desc();
        first = new Operand(dnnl.DNNL_ARG_DIFF_DST, y, p.diff_dst_desc());
        second = new Operand(dnnl.DNNL_ARG_SRC, x, p.src_desc());
        result = new Operand(dnnl.DNNL_ARG_DIFF_WEIGHTS, w, p.diff_weights_desc());
      }
      default -> throw new IllegalArgumentException(kind.toString());
    }
  }

  private static memory.desc images(long[] shape, memory.format_tag lies) {
    return new memory.desc(shape, memory.data_type.f32, lies);
  }

  private static memory.desc weights(ConvolutionShape shape) {
    memory.format_tag lies = shape.groups() == 1 ? memory.format_tag.oihw : memory.format_tag.goihw;
    return new memory.desc(shape.w(), memory.data_type.f32, lies);
  }

  private static memory.desc any(long[] shape) {
    return images(shape, memory.format_tag.any);
  }

  private static primitive_attr settings() {
    primitive_attr settings = new primitive_attr();
    settings.set_scratchpad_mode(scratchpad_mode.user);
    return settings;
  }

  private static convolution_forward.primitive_desc forward(ConvolutionShape s, int images) {
    return new convolution_forward.primitive_desc(
        Library.CPU,
        prop_kind.forward_training,
        algorithm.convolution_direct,
        any(s.x(images)),
        any(s.w()),
        any(s.y(images)),
        s.strides(),
        s.dilations(),
        s.padding(),
        s.padding(),
        settings(),
        false);
  }

  private static convolution_backward_data.primitive_desc backwardData(
      ConvolutionShape s, int images, convolution_forward.primitive_desc forward) {
    return new convolution_backward_data.primitive_desc(
        Library.CPU,
        algorithm.convolution_direct,
        any(s.x(images)),
        any(s.w()),
        any(s.y(images)),
        s.strides(),
        s.dilations(),
        s.padding(),
        s.padding(),
        forward,
        settings(),
        false);
  }

  private static convolution_backward_weights.primitive_desc backwardWeights(
      ConvolutionShape s, int images, convolution_forward.primitive_desc forward) {
    return new convolution_backward_weights.primitive_desc(
        Library.CPU,
        algorithm.convolution_direct,
        any(s.x(images)),
        any(s.w()),
        any(s.y(images)),
        s.strides(),
        s.dilations(),
        s.padding(),
        s.padding(),
        forward,
        settings(),
        false);
  }

  /** The first operand, from an array. */
  memory first(float[] numbers, int at) {
    return given(first, numbers, at);
  }

  /** The second operand, from an array. */
  memory second(float[] numbers, int at) {
    return given(second, numbers, at);
  }

  private static memory given(Operand operand, float[] numbers, int at) {
    memory plain = new memory(operand.plain, Library.CPU);
    floats(plain).put(numbers, at, size(operand));
    return lying(plain, operand.plain, operand.taken);
  }

  /** Computes, and writes the result to an array. */
  void run(memory a, memory b, float[] to, int at) {
    memory made = new memory(result.taken, Library.CPU);
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(first.argument, a);
    arguments.put(second.argument, b);
    arguments.put(result.argument, made);
    arguments.put(dnnl.DNNL_ARG_SCRATCHPAD, new memory(scratchpad, Library.CPU));
    primitive.execute(Library.stream(), arguments);
    memory plain = lying(made, result.taken, result.plain);
    Library.stream()._wait();
    floats(plain).get(to, at, size(result));
  }

  private static memory lying(memory from, memory.desc has, memory.desc wanted) {
    if (has.equals(wanted)) return from;
    memory to = new memory(wanted, Library.CPU);
    new reorder(from, to).execute(Library.stream(), from, to);
    return to;
  }

  private static int size(Operand operand) {
    return (int) (operand.plain.get_size() / Float.BYTES);
  }

  private static FloatPointer floats(memory m) {
    return new FloatPointer(m.get_data_handle());
  }
}
