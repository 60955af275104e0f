package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What the tutorials print is what PyTorch prints. */
class TutorialsTest {
  private interface Main {
    void run(String[] args) throws IOException;
  }

  private static String printed(Main main, String... args) throws IOException {
    PrintStream out = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      main.run(args);
    } finally {
      System.setOut(out);
    }
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void readme() throws IOException {
    assertEquals(
        """
        tensor([[ 1.5410, -0.2934, -2.1788,  0.5684],
                [-1.0845, -1.3986,  0.4033,  0.8380]])
        false
        tensor([[ 1.5410, -0.2934, -2.1788,  0.5684],
                [-1.0845, -1.3986,  0.4033,  0.8380]], requires_grad=True)
        tensor([[ 1.5410, -0.2934, -2.1788,  0.5684],
                [-1.0845, -1.3986,  0.4033,  0.8380]])
        tensor([[1.3953, 1.6000, 0.3221, 0.5645],
                [1.3632, 1.8304, 0.7942, 1.7483]])
        false
        true
        tensor([[3., 3.],
                [3., 3.]], grad_fn=<AddBackward0>)
        tensor([[27., 27.],
                [27., 27.]], grad_fn=<MulBackward0>)
        tensor(27., grad_fn=<MeanBackward0>)
        tensor([[4.5000, 4.5000],
                [4.5000, 4.5000]])
        """,
        printed(ReadmeTutorial::main));
  }

  @Test
  void notebook() throws IOException {
    assertEquals(
        """
        tensor([[0., 0.],
                [0., 0.]], requires_grad=True)
        tensor(4., grad_fn=<SumBackward0>)
        tensor([[1., 1.],
                [1., 1.]])
        tensor([[2., 2.],
                [2., 2.]])
        tensor([[0., 0.],
                [0., 0.]])
        tensor([[2., 2.],
                [2., 2.]], grad_fn=<AddBackward0>)
        tensor([[2., 2.],
                [2., 2.]])
        tensor([[3., 3.],
                [3., 3.]])
        tensor([2, 3, 4], dtype=torch.int32)
        only Tensors of floating point dtype can require gradients, this one is torch.int32
        tensor(1.)
        [1, 1000]
        62 gradients
        the biases move by -10.00
        [fc.weight, fc.bias]
        true
        false
        true
        """,
        printed(NotebookTutorial::main));
  }

  @Test
  void variable() throws IOException {
    assertEquals(
        """
        tensor([[3., 3.],
                [3., 3.]], grad_fn=<AddBackward0>)
        AddBackward0
        tensor(27., grad_fn=<MeanBackward0>)
        tensor([[4.5000, 4.5000],
                [4.5000, 4.5000]])
        9
        tensor([-336.2719, -714.9148, -710.7236], grad_fn=<MulBackward0>)
        tensor([5.1200e+01, 5.1200e+02, 5.1200e-02])
        """,
        printed(VariableTutorial::main));
  }

  @Test
  void twoLayer() throws IOException {
    String[] lines = printed(TwoLayer::main, "--steps", "11").split("\n");
    double[] expected = {29428662.0, 22739448.0};
    for (int t = 0; t < 2; t++) {
      String[] line = lines[t].split(" ");
      assertEquals(t, Integer.parseInt(line[0]));
      assertEquals(expected[t], Double.parseDouble(line[1]), 1e-4 * expected[t]);
      assertTrue(line[1].matches("\\d+\\.\\d+"), line[1]); // as Python prints it
    }
    assertEquals(2315861.25, Double.parseDouble(lines[10].split(" ")[1]), 300);
  }
}
