package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random programs of views and in-place operations have the values and gradients, of both orders,
 * of the same programs written without in-place operations.
 */
class ViewHistoryPropertyTest {
  private static final double EPS = 1e-12;

  /** How a program reads and writes: the tensor that shows numbers, or what they would be. */
  private interface World {
    /** A base of a value's numbers. */
    int base(Tensor value);

    int view(int of, UnaryOperator<Tensor> view);

    Tensor read(int tensor);

    void write(int tensor, UnaryOperator<Tensor> inPlace, UnaryOperator<Tensor> plain);

    int count();
  }

  private static final class InPlace implements World {
    private final List<Tensor> tensors = new ArrayList<>();

    @Override
    public int base(Tensor value) {
      tensors.add(value);
      return tensors.size() - 1;
    }

    @Override
    public int view(int of, UnaryOperator<Tensor> view) {
      return base(view.apply(tensors.get(of)));
    }

    @Override
    public Tensor read(int tensor) {
      return tensors.get(tensor);
    }

    @Override
    public void write(int tensor, UnaryOperator<Tensor> inPlace, UnaryOperator<Tensor> plain) {
      inPlace.apply(tensors.get(tensor));
    }

    @Override
    public int count() {
      return tensors.size();
    }
  }

  /** A write makes a new base by scatter; a view is read by walking to it from its base. */
  private static final class Plain implements World {
    private final List<Tensor> bases = new ArrayList<>();
    private final List<View> views = new ArrayList<>();

    private record View(int base, UnaryOperator<Tensor> path) {}

    @Override
    public int base(Tensor value) {
      bases.add(value);
      views.add(new View(bases.size() - 1, t -> t));
      return views.size() - 1;
    }

    @Override
    public int view(int of, UnaryOperator<Tensor> view) {
      View outer = views.get(of);
      views.add(new View(outer.base, t -> view.apply(outer.path.apply(t))));
      return views.size() - 1;
    }

    @Override
    public Tensor read(int tensor) {
      View v = views.get(tensor);
      return v.path.apply(bases.get(v.base));
    }

    @Override
    public void write(int tensor, UnaryOperator<Tensor> inPlace, UnaryOperator<Tensor> plain) {
      View v = views.get(tensor);
      Tensor base = bases.get(v.base);
      Tensor places = v.path.apply(Tensor.arange(base.numel()).view(base.shape())).clone();
      Tensor values = plain.apply(read(tensor)).expand(places.shape()).reshape(-1);
      Tensor line = base.reshape(-1).scatter(0, places.reshape(-1), values);
      bases.set(v.base, line.view(base.shape()));
    }

    @Override
    public int count() {
      return views.size();
    }
  }

  @Property(tries = 400)
  void inPlaceEqualsPlain(@ForAll long seed) {
    Tensor[] a = leaves(seed);
    Tensor[] b = leaves(seed);
    Tensor written = run(new InPlace(), seed, a);
    Tensor fresh = run(new Plain(), seed, b);
    assertArrayEquals(fresh.toDoubles(), written.toDoubles(), EPS, "value");
    Tensor ga = slope(written, a);
    Tensor gb = slope(fresh, b);
    assertArrayEquals(gb.toDoubles(), ga.toDoubles(), EPS, "first order");
    Tensor ha = slope(ga.tanh().sum(), a);
    Tensor hb = slope(gb.tanh().sum(), b);
    assertArrayEquals(hb.toDoubles(), ha.toDoubles(), 1e-10, "second order");
  }

  private static Tensor slope(Tensor y, Tensor[] leaves) {
    List<Tensor> grads =
        Autograd.grad(
            List.of(y), List.of(leaves), GradOptions.of().createGraph().materializeGrads());
    return Tensor.cat(grads.stream().map(g -> g.reshape(-1)).toList(), 0);
  }

  private static Tensor[] leaves(long seed) {
    Random random = new Random(~seed);
    return new Tensor[] {leaf(random, 3, 4), leaf(random, 4), leaf(random)};
  }

  private static Tensor leaf(Random random, int... shape) {
    Tensor t = Tensor.zeros(DType.FLOAT64, shape);
    for (int i = 0; i < t.numel(); i++) t.storage().set(i, random.nextDouble() * 2 - 1);
    return t.requiresGrad_();
  }

  private static Tensor run(World world, long seed, Tensor[] leaves) {
    Random random = new Random(seed);
    world.base(leaves[0].mul(1.5));
    world.base(Tensor.full(1, DType.FLOAT64, 4, 2)); // requires no gradient as yet
    world.view(world.base(leaves[1].exp().expand(2, 4).clone()), Tensor::t);
    for (int step = 0; step < 14; step++) {
      int at = random.nextInt(world.count());
      if (random.nextInt(5) < 2) {
        UnaryOperator<Tensor> view = view(random, world.read(at));
        world.view(at, view);
      } else {
        write(world, at, random, leaves);
      }
    }
    Tensor loss = Tensor.zeros(DType.FLOAT64);
    for (int i = 0; i < world.count(); i++) {
      Tensor t = world.read(i);
      loss = loss.add(t.mul(0.3 + i).tanh().sum());
    }
    return loss;
  }

  private static UnaryOperator<Tensor> view(Random random, Tensor t) {
    int rank = t.dim();
    int kind = random.nextInt(8);
    if (rank == 0) return kind < 4 ? x -> x.unsqueeze(0) : x -> x.expand(x.shape());
    int dim = random.nextInt(rank);
    int n = t.size(dim);
    int start = random.nextInt(n);
    return switch (kind) {
      case 0 -> x -> x.select(dim, start);
      case 1 -> x -> x.narrow(dim, start, n - start);
      case 2 -> x -> x.transpose(0, dim);
      case 3 -> x -> x.slice(dim, start % 2, n, 2);
      case 4 -> rank > 1 ? x -> x.diagonal() : x -> x.unsqueeze(0);
      case 5 -> x -> x.unsqueeze(dim);
      case 6 -> t.isContiguous() ? x -> x.view(-1) : x -> x.transpose(0, -1);
      default -> x -> x.movedim(0, -1);
    };
  }

  /* None of these keeps its result: a write to that would be an error at backward.
   * Whatever comes after whatever, numbers stay small: of infinity, 0 times it and 0.25 filled in are not the same. */
  private static void write(World world, int at, Random random, Tensor[] leaves) {
    if (world.read(at).numel() == 0 || world.read(at).dim() > 2) return;
    Tensor number = leaves[2];
    int other = random.nextInt(world.count());
    Tensor mean = world.read(other).numel() == 0 ? number : world.read(other).mean().tanh();
    switch (random.nextInt(8)) {
      case 0 -> world.write(at, t -> t.mul_(number), t -> t.mul(number));
      case 1 -> world.write(at, t -> t.add_(mean), t -> t.add(mean));
      case 2 -> world.write(at, Tensor::sin_, Tensor::sin);
      case 3 -> world.write(at, t -> t.fill_(0.25), t -> t.mul(0).add(0.25));
      case 4 -> world.write(at, t -> t.copy_(mean), t -> mean.expand(t.shape()));
      case 5 -> {
        Tensor row = world.read(at).clone().mul(number);
        world.write(at, t -> t.copy_(row), t -> row);
      }
      case 6 -> world.write(at, t -> t.mul_(t.clone()).sin_(), t -> t.mul(t).sin());
      default ->
          world.write(
              at, t -> t.sub_(mean, 0.5).cos_().atan_(), t -> t.sub(mean, 0.5).cos().atan());
    }
  }
}
