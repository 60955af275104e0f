package io.sparkgrad.examples;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.BackwardOptions;
import io.sparkgrad.random.Generator;

/**
 * PyTorch's first autograd tutorial (version 0.4) in Java: each statement, and what it prints now.
 * What comes out is Java again, with the outputs as comments. Local, without a cluster.
 */
public final class AutogradTutorial {
  /* A test holds the quoted statements against those that run. */
  private AutogradTutorial() {}

  public static void main(String[] args) {
    Options.of(args).rejectUnknown();
    tensors();
    histories();
    gradients();
    twice();
    vectors();
    errors();
    withoutRecording();
  }

  private static void tensors() {
    title("A tensor that records what is done with it");
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    code("Tensor x = Tensor.ones(2, 2).requiresGrad_();");
    show("x", x);
    show("x.isLeaf()", x.isLeaf());
    show("x.grad()", x.grad());
    show("x.gradFn()", x.gradFn());
    note(
        "x.data() still shares x's numbers, but writes through it go unnoticed: x.detach() is the");
    note("form that PyTorch advises since.");
    show("x.data()", x.data());
    show("x.data().requiresGrad()", x.data().requiresGrad());
  }

  private static void histories() {
    title("An operation's result knows where it came from");
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    code("Tensor x = Tensor.ones(2, 2).requiresGrad_();");
    Tensor y = x.add(2);
    code("Tensor y = x.add(2);");
    note("The tutorial shows [ 3.,  3.] and no suffix: printing has changed. It calls the node");
    note("AddBackward; the number behind the name came later.");
    show("y", y);
    show("y.gradFn().name()", y.gradFn().name());
    show("y.isLeaf()", y.isLeaf());
    show("y.gradFn().nextFunctions()", y.gradFn().nextFunctions());
    Tensor z = y.mul(y).mul(3);
    code("Tensor z = y.mul(y).mul(3);");
    Tensor out = z.mean();
    code("Tensor out = z.mean();");
    show("z", z);
    show("out", out);
    show("out.dim()", out.dim());

    title("Recording starts when it is asked for; without an argument, requiresGrad_() asks");
    Generator.current().manualSeed(0);
    code("Generator.current().manualSeed(0);");
    Tensor a = Tensor.randn(2, 2);
    code("Tensor a = Tensor.randn(2, 2);");
    a = a.mul(3).div(a.sub(1));
    code("a = a.mul(3).div(a.sub(1));");
    show("a", a);
    show("a.requiresGrad()", a.requiresGrad());
    a.requiresGrad_();
    code("a.requiresGrad_();");
    show("a.requiresGrad()", a.requiresGrad());
    show("a.isLeaf()", a.isLeaf());
    Tensor b = a.mul(a).sum();
    code("Tensor b = a.mul(a).sum();");
    show("b.gradFn().name()", b.gradFn().name());
  }

  private static void gradients() {
    title("Backward");
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    code("Tensor x = Tensor.ones(2, 2).requiresGrad_();");
    Tensor y = x.add(2);
    code("Tensor y = x.add(2);");
    Tensor out = y.mul(y).mul(3).mean();
    code("Tensor out = y.mul(y).mul(3).mean();");
    out.backward();
    code("out.backward();");
    note("out = 1/4 sum 3 (x + 2)^2, so d out / d x = 3/2 (x + 2), at 1 it is 4.5");
    show("x.grad()", x.grad());
    show("x.grad().gradFn()", x.grad().gradFn());
    fails("out.backward();", () -> out.backward());
  }

  private static void twice() {
    title("Gradients add up, and a graph is kept on request");
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    code("Tensor x = Tensor.ones(2, 2).requiresGrad_();");
    Tensor out = x.add(2).pow(2).mul(3).mean();
    code("Tensor out = x.add(2).pow(2).mul(3).mean();");
    note("The tutorial says retain_variables=True; the name today is retain_graph.");
    out.backward(BackwardOptions.of().retainGraph());
    code("out.backward(BackwardOptions.of().retainGraph());");
    out.backward();
    code("out.backward();");
    show("x.grad()", x.grad());
  }

  private static void vectors() {
    title("A result that is not one number needs a gradient of its shape");
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    code("Tensor x = Tensor.ones(2, 2).requiresGrad_();");
    Tensor y = x.add(2);
    code("Tensor y = x.add(2);");
    y.backward(Tensor.ones(2, 2));
    code("y.backward(Tensor.ones(2, 2));");
    show("x.grad()", x.grad());
    note("The tutorial says that a second time fails unless the graph was retained. It does not:");
    note("an addition saves nothing, so there is nothing to lose.");
    y.backward(Tensor.ones(2, 2));
    code("y.backward(Tensor.ones(2, 2));");
    show("x.grad()", x.grad());
    Tensor z = y.mul(y);
    code("Tensor z = y.mul(y);");
    x.setGrad(null);
    code("x.setGrad(null);");
    z.sum().backward();
    code("z.sum().backward();");
    show("x.grad()", x.grad());
    Generator.current().manualSeed(0);
    code("Generator.current().manualSeed(0);");
    Tensor gradient = Tensor.randn(2, 2);
    code("Tensor gradient = Tensor.randn(2, 2);");
    show("gradient", gradient);
    x.grad().zero_();
    code("x.grad().zero_();");
    y.backward(gradient);
    code("y.backward(gradient);");
    show("x.grad()", x.grad());
  }

  private static void errors() {
    title("What is refused");
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    code("Tensor x = Tensor.ones(2, 2).requiresGrad_();");
    fails("x.mul(2).backward();", () -> x.mul(2).backward());
    fails("x.mul(2).backward(Tensor.ones(3));", () -> x.mul(2).backward(Tensor.ones(3)));
    fails("Tensor.ones(2).sum().backward();", () -> Tensor.ones(2).sum().backward());
  }

  private static void withoutRecording() {
    title("Without recording");
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    code("Tensor x = Tensor.ones(2, 2).requiresGrad_();");
    show("x.pow(2)", x.pow(2));
    show(
        "x.pow(2).add(Tensor.ones(2, 2)).requiresGrad()",
        x.pow(2).add(Tensor.ones(2, 2)).requiresGrad());
    line("try (var off = Grad.noGrad()) {");
    try (var off = Grad.noGrad()) {
      show("x.pow(2)", x.pow(2));
      show("x.pow(2).requiresGrad()", x.pow(2).requiresGrad());
    }
    line("}");
    show("x.pow(2).requiresGrad()", x.pow(2).requiresGrad());
  }

  // ---- printing

  private static void title(String text) {
    line("");
    line("// ---- " + text);
  }

  private static void note(String text) {
    line("// NOTE " + text);
  }

  private static void code(String statement) {
    line(statement);
  }

  private static void show(String expression, Object value) {
    line("System.out.println(" + expression + ");");
    output(String.valueOf(value));
  }

  private static void fails(String statement, Runnable call) {
    line(statement);
    try {
      call.run();
    } catch (RuntimeException e) {
      String firstSentence = e.getMessage().split("\\.? \\(|\\. ")[0];
      output("throws " + e.getClass().getSimpleName() + ": " + firstSentence);
      return;
    }
    throw new IllegalStateException(statement + " did not fail");
  }

  private static void output(String text) {
    for (String part : text.split("\n")) line("// " + part);
  }

  private static void line(String text) {
    System.out.println(text);
  }
}
