// The cells of autograd.zpln for spark-shell: spark-shell --jars sparkgrad-examples-VERSION-app.jar, then :load autograd.scala
// %% Import
import io.sparkgrad.{Tensor, Parameter, Buffer, Grad, DType, Device}, io.sparkgrad.nn._, io.sparkgrad.optim._, io.sparkgrad.cluster.{SparkTrainer, Scaling, Ids}, io.sparkgrad.cluster.trained.TrainedModel
// %% A tensor remembers how it was made
val x = Tensor.ones(2, 2).requiresGrad_()
val y = x + 2
println(y)
// => tensor([[3., 3.],
// =>         [3., 3.]], grad_fn=<AddBackward0>)
// %% More operations
val squares = y * y * 3
val out = squares.mean()
println(squares)
println(out)
// => tensor([[27., 27.],
// =>         [27., 27.]], grad_fn=<MulBackward0>)
// => tensor(27., grad_fn=<MeanBackward0>)
// %% Gradients
out.backward()
println(x.grad)
// => tensor([[4.5000, 4.5000],
// =>         [4.5000, 4.5000]])
// %% A vector, weighted
val v = Tensor.tensor(1.0, 2.0, 3.0).requiresGrad_()
val eighth = v * 2 * 2 * 2
eighth.backward(Tensor.tensor(0.1, 1.0, 0.01))
println(v.grad)
// => tensor([0.8000, 8.0000, 0.0800])
// %% Gradients add up
val a = Tensor.ones(2).requiresGrad_()
for (_ <- 1 to 3) (a * a).sum().backward()
println(a.grad)
a.grad.zero_()
println(a.grad)
// => tensor([6., 6.])
// => tensor([0., 0.])
// %% Without recording
val quiet = Grad.noGrad()
println((x * x).requiresGrad)
quiet.close()
println((x * x).requiresGrad)
println(x.detach().requiresGrad)
// => false
// => true
// => false
// %% Second derivatives
import io.sparkgrad.autograd.{Autograd, GradOptions}
val t = Tensor.tensor(1.0, 2.0, 3.0).requiresGrad_()
val first = Autograd.grad(t.pow(3).sum(), t, GradOptions.of().createGraph())
val second = Autograd.grad(first.sum(), t, GradOptions.of())
println(first)
println(second)
// => tensor([ 3., 12., 27.], grad_fn=<MulBackward0>)
// => tensor([ 6., 12., 18.])
// %% Arrays and sequences
println(Tensor.tensor(Seq(Seq(1.0, 2.0), Seq(3.0, 4.0)))(1))
println(Tensor.stack(Seq(v.detach(), -v.detach()), 0))
println(1 + Tensor.of(Array(1.0, 2.0, 3.0)).sum().item())
// => tensor([3., 4.])
// => tensor([[ 1.,  2.,  3.],
// =>         [-1., -2., -3.]])
// => 7.0
// %% A loop by hand: which of two numbers is the larger?
val pairs = Tensor.rand(64, 2)
val larger = pairs.argmax(1)
val network = new Sequential(new Linear(2, 16), new ReLU(), new Linear(16, 2))
val optimizer = new SGD(0.5).momentum(0.9).over(network.parameters)
val losses = for (_ <- 1 to 100) yield {
  val loss = Losses.crossEntropy(network.forward(pairs), larger).mean()
  loss.backward()
  optimizer.step()
  optimizer.zeroGrad()
  loss.item()
}
println(losses.last < 0.2)
// => true
