// %% The user's own names come first; the import line hides none of them.
val rows = spark.range(200).selectExpr("rand(1) AS a", "rand(2) AS b").selectExpr("*", "int(b > a) AS y").cache()
val train = rows; val model = "a name"; val nn = 1; val op = 2; val optim = 3; val cluster = 4; val data = 5; val files = 7; val trained = 8
val random = 9; val scope = 10; val autograd = 11; val backend = 12; val fitting = 13; val tools = 14; val closure = 15; val test = 16; val net = 17
// %%
import io.sparkgrad.{Tensor, Parameter, Buffer, Grad, DType, Device}, io.sparkgrad.nn._, io.sparkgrad.optim._, io.sparkgrad.cluster.{SparkTrainer, TrainingResult, Scaling, Ids}, io.sparkgrad.cluster.trained.TrainedModel
// %% F5
println(model + " " + (nn + op + optim + cluster + data + files + trained + random + scope + autograd + backend + fitting + tools + closure + test + net))
println(sc.parallelize(1 to 3).sum() + spark.range(4).count() + sql("SELECT 1").count() + train.count())
println(classOf[io.sparkgrad.Tensor].getSimpleName)
// => a name 147
// => 211.0
// => Tensor
// %% F1
val x = Tensor.ones(2, 2).requiresGrad_()
(x + 2).pow(2).mul(3).mean().backward()
println(x.grad)
println(Tensor.zeros(2).add(Tensor.full(2.0, 2)).add(Tensor.arange(2)).sum().item())
println(Tensor.eye(2).shape.length + Tensor.rand(3, 4).size(1) + Tensor.linspace(0, 1, 5).numel())
// => tensor([[4.5000, 4.5000],
// =>         [4.5000, 4.5000]])
// => 5.0
// => 11
// %% F11: operators
val v = Tensor.tensor(1.0, 2.0, 3.0)
println(v + 1); println(v * v - 2); println(-v / 2); println(v(0)); println(v.rsub(1)); println(Tensor.number(1) - v)
println(v > 1.5); println(Tensor.eye(2)(1)); println(Tensor.eye(2)(1, 0)); println(v(v > 1)); println((v > 1) & (v < 3)); println(5 + v.sum().item())
val w = Tensor.ones(2); w += 1; w *= 3L; println(w); println(w % 4)
// => tensor([2., 3., 4.])
// => tensor([-1.,  2.,  7.])
// => tensor([-0.5000, -1.0000, -1.5000])
// => tensor(1.)
// => tensor([ 0., -1., -2.])
// => tensor([ 0., -1., -2.])
// => tensor([False,  True,  True])
// => tensor([0., 1.])
// => tensor(0.)
// => tensor([2., 3.])
// => tensor([False,  True, False])
// => 11.0
// => tensor([6., 6.])
// => tensor([2., 2.])
// %% F11: arrays and sequences
println(Tensor.tensor(Array(1.0, 2.0))); println(Tensor.tensor(Seq(1, 2, 3))); println(Tensor.tensor(Vector(Seq(1.5, 2), Seq(3.0, 4)))); println(Tensor.tensor(Array(Array(1.0f), Array(2.0f)))); println(Tensor.tensor(1 to 3))
println(Tensor.tensor(2.0)); println(Tensor.tensor(2)); println(Tensor.tensor(3L)); println(Tensor.tensor(1.5f)); println(Tensor.tensor(Seq(BigDecimal("2.5"), BigDecimal(1)))); println(Tensor.tensor(Seq(BigInt(2))))
println(Tensor.of(Array(1.0, 2.0, 3.0))); println(Tensor.of(Array(1L)).dim()); println(Tensor.of(Array(1f, 2f, 3f, 4f), 2, 2)); println(Tensor.tensor(List(true, false)))
println(Tensor.stack(List(v, v), 0).shape.mkString("x")); println(Tensor.cat(Seq(v, v), 0).numel()); println(Tensor.vstack(Array(v, v)).size(0)); println(Tensor.hstack((1 to 3).map(_ => v)).numel())
println(io.sparkgrad.autograd.Autograd.grad((x * 2).sum(), x).get(0)); println(new SGD(0.1).over(Seq(x)))
// => tensor([1., 2.])
// => tensor([1, 2, 3])
// => tensor([[1.5000, 2.0000],
// => tensor([[1.],
// => tensor([1, 2, 3])
// => tensor([2.])
// => tensor([2])
// => tensor([3])
// => tensor([1.5000])
// => tensor([2.5000, 1.0000])
// => tensor([2])
// => tensor([1., 2., 3.], dtype=torch.float64)
// => 1
// => tensor([[1., 2.],
// => tensor([ True, False])
// => 2x3
// => 6
// => 2
// => 9
// => tensor([[2., 2.],
// => SGD
// %% a mistake is named
Tensor.stack(Seq("a"), 0)
// => error expected Tensor as element 0, got java.lang.String
// %% F2, F3, F4: lambdas of everything, with what the cell holds beside: a timer, a context, the trainer, the result
val k = 3
val boost = 2.0
val timer = new java.util.Timer(true)
val jsc = new org.apache.spark.api.java.JavaSparkContext(sc)
val loss: Loss = (o, t) => new Loss.Value(Losses.crossEntropy(o, t).sum * boost, t.numel())
val trainer = SparkTrainer.of(() => new Sequential(new Linear(2, k), new ReLU(), new Linear(k, 2))).
  loss(loss).optimizer(new SGD(0.1).schedule((lr, n) => lr / boost)).
  features("a", "b").label("y").workers(2).validate(rows).metric("k", (o, t) => new Metric.Value(k, boost)).
  onEpoch(e => println(s"epoch ${e.number} with $k, metric ${e.metrics}"))
val result = trainer.fit(train)
println(sc.parallelize(1 to 2).map(i => i * k).sum())
// => epoch 1 with 3, metric {k=1.5}
// => 9.0
// => trainer: io.sparkgrad.cluster.SparkTrainer = SparkTrainer(features [a, b], label y, SGD(lr=0.1
// => result: io.sparkgrad.cluster.TrainingResult = TrainingResult(loss
// %% stored and refitted in later cells, which capture nothing of that one
val again = trainer.fit(train)
println(again.weightsSha256 == result.weightsSha256)
println(result.classify(rows).where("prediction = 0 OR prediction = 1").count())
// => true
// => 200
// %% a value of a cell that holds what cannot be sent: as with Spark's own call, and named
try sc.parallelize(1 to 2).map(i => i * k).sum() catch { case e: org.apache.spark.SparkException => println(e.getMessage) }
SparkTrainer.of(() => new Linear(2, k)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").fit(rows)
// => Task not serializable
// => error the model cannot be sent to the executors: it uses a cell that holds 'jsc', a org.apache.spark.api.java.JavaSparkContext, which is not serializable: where the function needs it, make it inside the function, where not, write @transient val jsc
// %% so it is transient; the session and its context may have names of one's own
val k = 3
val boost = 2.0
@transient val timer = new java.util.Timer(true)
@transient val context = sc
val session = spark
val one = SparkTrainer.of(() => new Sequential(new Linear(2, k), new Linear(k, 2))).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(rows)
// %% a trained model within a later lambda, in Spark's call and in a model
println(sc.parallelize(1 to 4, 2).map(_ => one.model.forward(Tensor.ones(1, 2)).numel() * k).sum())
val warm = SparkTrainer.of(() => { val n = new Sequential(new Linear(2, k), new Linear(k, 2)); n.loadStateDict(one.model.stateDict); n }).
  loss((o, t) => new Loss.Value(Losses.crossEntropy(o, t).sum * boost, t.numel())).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).epochs(2).fit(rows)
println(warm.losses.get(0) / 2 < one.losses.get(0))
// => 24.0
// => true
// %% a class of the notebook's with a parent of the notebook's, a def, a case class, an object, a function, all in one lambda
abstract class Base extends Module { def hidden: Int; lazy val times = 2 }
class Net(val hidden: Int, names: Seq[String]) extends Base {
  val first = new Linear(2, hidden)
  val second = new Linear(hidden, names.size)
  def forward(x: Tensor) = second.forward(first.forward(x).relu())
}
case class Config(hidden: Int, names: Seq[String])
object Defaults { val names = Seq("no", "yes"); def config = Config(k * 2, names) }
def make(c: Config) = new Net(c.hidden, c.names)
def net() = make(Defaults.config)
val crossEntropy = (o: Tensor, t: Tensor) => Losses.crossEntropy(o, t)
def fit(m: ModelSupplier) = SparkTrainer.of(m).loss((o, t) => crossEntropy(o, t)).optimizer(new Adam(0.01)).features("a", "b").label("y").workers(2).fit(rows)
val two = fit(() => net())
val three = fit(() => net())
println(two.weightsSha256 == three.weightsSha256, two.model.namedParameters.keySet, two.model)
// => (true,[first.weight, first.bias, second.weight, second.bias],Net
// %% a function value that reaches itself through its cell is named; Spark's own call does not read it either
val plus: Int => Int = i => if (i > 1) i else plus(i + 1)
val beside = 4
println(try sc.parallelize(1 to 2).map(i => plus(i) + beside).sum() catch { case e: org.apache.spark.SparkException => "Spark does not read it" })
println(try SparkTrainer.of(() => new Linear(2, plus(beside))).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").fit(rows) catch { case e: IllegalArgumentException => e.getMessage })
// => Spark does not read it
// %% imports within the lambdas, a match, an option, a map, and a schedule by a list
val rates = List(1.0, 0.5, 0.25)
val weights = Map(0 -> 1.0f, 1 -> 2.0f)
val cut: Option[Int] = Some(2)
val four = SparkTrainer.of(() => { import io.sparkgrad.nn.{Linear => Dense}; cut match { case Some(n) => new Sequential(new Dense(n, 4), new Tanh2, new Dense(4, 2)); case None => net() } }).
  loss((o, t) => { import Losses.{crossEntropy => measured}; measured(o, t) }).
  optimizer(new RMSprop(0.01).schedule((lr, done) => lr * rates(math.min(done.toInt / 2, rates.size - 1)))).
  features("a", "b").label("y").workers(2).validate(rows).
  metric("weighted", (o, t) => { val w = Tensor.tensor(weights.toSeq.sortBy(_._1).map(_._2)); new Metric.Value(w.indexSelect(0, t).sum().item(), t.numel()) }).
  metric("accuracy", Metrics.accuracy(_, _)).
  fit(rows)
class Tanh2 extends Module { def forward(x: Tensor) = x.tanh() }
println(four.metrics.keySet)
// => [weighted, accuracy]
// %% a grid in a loop, in a future, and by an object's method; a var that changes
import scala.concurrent.{Await, Future}, scala.concurrent.duration._, scala.concurrent.ExecutionContext.Implicits.global
object Grid extends Serializable { def fit(width: Int, lr: Double) = SparkTrainer.of(() => new Sequential(new Linear(2, width), new Linear(width, 2))).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(lr)).features("a", "b").label("y").workers(2).fit(rows).model.parameters.get(0).size(0) }
println(for (width <- Seq(2, 5); lr <- Seq(0.1)) yield Grid.fit(width, lr))
var width = 2
val loop = for (i <- 1 to 2) yield { width += i; SparkTrainer.of(() => new Sequential(new Linear(2, width), new Linear(width, 2))).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(rows).model.parameters.get(0).size(0) }
println(loop)
println(Await.result(Future(fit(() => net())), 5.minutes).model.parameters.get(0).size(0))
// => List(2, 5)
// => Vector(3, 5)
// => 6
// %% Spark wants a case class of rows in a cell before its use
case class Point(id: Long, a: Double, b: Double, y: Int)
// %% a class in a cell of its own
class Deep(width: Int) extends Module {
  val in = new Linear(2, width)
  val out = new Linear(width, 2)
  def forward(x: Tensor) = out.forward(in.forward(x).tanh())
}
// %% is made in lambdas of other cells
val deep = SparkTrainer.of(() => new Deep(k + 2)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(rows)
println(deep.model.namedParameters.keySet, sc.parallelize(1 to 2, 2).map(i => new Deep(i).parameters.size).sum())
// => ([in.weight, in.bias, out.weight, out.bias],8.0)
// %% one whose cell needs Spark is not: executors run its cell again, in Spark's own calls, too
// on a cluster
try sc.parallelize(1 to 2, 2).map(i => new Net(i, Seq("a")).hidden).sum() catch { case e: org.apache.spark.SparkException => println("Spark fails") }
SparkTrainer.of(() => new Net(7, Seq("a", "b"))).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(rows)
// => Spark fails
// => error for a class of an earlier cell the executors run that cell again, and the cells that it uses, in which nothing may need Spark: define the class in a cell of its own
// %% data of a case class; a trained model in a function of SQL
val points = rows.selectExpr("monotonically_increasing_id() AS id", "a", "b", "y").as[Point]
val fifth = SparkTrainer.of(() => new Linear(2, 2)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(points.toDF())
val model2 = fifth.trained
val score = udf((a: Double, b: Double) => model2.model.forward(Tensor.tensor(Seq(Seq(a, b)))).argmax(1).item().toInt)
println(fifth.classify(points.toDF()).where(score($"a", $"b") === $"prediction").count())
println(points.map(p => p.copy(y = p.y + k)).agg(min("y")).head().getInt(0))
// => 200
// => 3
// %% columns of the data are columns of what classify gives, and the filter still reaches the data
val scored = fifth.classify(rows)
val above = scored.filter(rows("a") > 0.5).select(rows("y"), $"prediction")
println(above.count() > 0 && above.count() == rows.filter(rows("a") > 0.5).count())
println(above.queryExecution.optimizedPlan.toString.contains("Union"))
// => true
// => false
// %% an exception of the user's own is the cause, by its text and line
SparkTrainer.of(() => new Linear(2, 2)).loss((o, t) => { if (boost > 1) throw new Exception("no such class of mine"); Losses.crossEntropy(o, t) }).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(rows)
// => error no such class of mine
// %% save and load
val path = java.nio.file.Files.createTempDirectory("cells").resolve("net.safetensors").toString
two.save(path)
val back = TrainedModel.load(() => net(), path)
println(back.predict(rows).count())
println(sc.parallelize(1 to 2, 2).map(_ => back.model.parameters.size + two.model.parameters.size + k).sum())
// => 200
// => 22.0
// %% what a lambda needs and cannot be sent is named by its val, in a model, a loss, a metric and a schedule
val random = new java.util.Timer(true)
def named(t: SparkTrainer) = try t.features("a", "b").label("y").fit(rows) catch { case e: IllegalArgumentException => println(e.getMessage.takeWhile(_ != ':') + e.getMessage.dropWhile(_ != ':').take(70)) }
def base(m: ModelSupplier) = SparkTrainer.of(m).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1))
named(base(() => { random.purge(); new Linear(2, 2) }))
named(base(() => new Linear(2, 2)).loss((o, t) => { random.purge(); Losses.crossEntropy(o, t) }))
named(base(() => new Linear(2, 2)).validate(rows).metric("m", (o, t) => { random.purge(); Metrics.accuracy(o, t) }))
named(base(() => new Linear(2, 2)).optimizer(new SGD(0.1).schedule((lr, done) => lr + random.purge())))
// => the model cannot be sent to the executors: it uses a cell that holds 'random', a java.util.Timer
// => the loss cannot be sent to the executors: it uses a cell that holds 'random', a java.util.Timer
// => the metric 'm' cannot be sent to the executors: it uses a cell that holds 'random', a java.util.Timer
// => the optimizer's schedule cannot be sent to the executors: it uses a cell that holds 'random', a java.util.Timer
// %% an object that the driver has used is in its cell by then, as in Spark's own call
object Used { val n = 2 }
println(Used.n)
SparkTrainer.of(() => new Linear(2, Used.n)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").fit(rows)
// => error the model cannot be sent to the executors: it uses object Used, which is not serializable: let it extend Serializable
// %% F9
val g = new io.sparkgrad.random.Generator(7); val mode = Grad.noGrad(); mode.close(); val rule = new Adam(0.1)
// => Generator(seed=7)
// => Grad.Mode(
// => Adam(lr=0.1
// %% F10: an array and a Seq hold modules by place; a Map, an Option and a lazy val hide them
class InArray extends Module { val layers = Array(new Linear(2, 2)); def forward(x: Tensor) = layers(0).forward(x) }
class InSeq extends Module { val layers = Seq(new Linear(2, 2)); def forward(x: Tensor) = layers(0).forward(x) }
class InMap extends Module { val layers = Map("a" -> new Linear(2, 2)); def forward(x: Tensor) = layers("a").forward(x) }
class InOption extends Module { val layer: Option[Linear] = Some(new Linear(2, 2)); def forward(x: Tensor) = layer.get.forward(x) }
class Lazy extends Module { lazy val layer = new Linear(2, 2); def forward(x: Tensor) = layer.forward(x) }
for (m <- Seq(new InArray, new InSeq, new InMap, new InOption, new Lazy)) try println(m.namedParameters.keySet) catch { case e: IllegalStateException => println(e.getMessage) }
// => [layers.0.weight, layers.0.bias]
// => [layers.0.weight, layers.0.bias]
// => field 'layers' of InMap holds a Linear in a Map1, where parameters are not looked for: hold it in a field of its own, a list
// => field 'layer' of InOption holds a Linear
// => field 'layer' of Lazy is a lazy val that is not there yet: make it a val
// %% and a fit says so before it reads
SparkTrainer.of(() => new InMap).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").fit(rows)
// => error field 'layers' of InMap holds a Linear
// %% a model of several inputs, words among them, and a loss that sees them
class Wide extends NamedModule {
  val table = new Embedding(64, 4)
  val out = new Linear(6, 2)
  override def forward(in: Tensors) = Tensors.of(out(Tensor.cat(Seq(table(in.get("word")).sum(1), in.get("dense")), 1)))
}
val worded = rows.selectExpr("*", "if(y = 1, 'one', 'none') as word")
val scale = 2.0
val wide = SparkTrainer.of(() => new Wide).batchLoss((out, batch) => Losses.mse(out.first * scale, batch.inputs.get("dense"))).optimizer(new Adam(0.01)).input("dense", "a", "b").input("word", Ids.of("word").hashed(64)).label("y").workers(2).epochs(2).fit(worded)
println(wide.losses.size, wide.predict(worded).select("word", "prediction").where("word = 'one'").head.getSeq[Float](1).size)
// => (2,2)
// %% labels of several columns, a vocabulary, rows that cannot be read, a share to measure on, all outputs
class Placed(places: Int) extends NamedModule {
  val table = new Embedding(places, 2)
  val out = new Linear(4, 2)
  override def forward(in: Tensors) = { val at = table(in.get("place")).flatten(1); Tensors.of("both", out(Tensor.cat(Seq(at, in.get("dense")), 1))).and("at", at) }
}
val placed = rows.selectExpr("*", "if(a > 0.9, null, b) AS hole", "concat('p', int(b * 5)) AS place")
val places = Ids.of("place").vocabulary(placed)
val labels = Seq("a", "b")
val several = SparkTrainer.of(() => new Placed(places.size)).batchLoss((out, batch) => Losses.mse(out.get("both"), batch.target)).optimizer(new SGD(0.1)).
  input("dense", "hole", "b").input("place", places).label(labels: _*).handleInvalid("skip").validateShare(0.2).metric("rmse", Metrics.rmse()).
  metric("own", (o, t) => Metric.Value.ofEach(Tensor.ones(t.size(0), 2) * scale)).workers(2).fit(placed)
println(places.words.size, several.skippedRows > 0, several.metrics.keySet, several.predictAll(placed).columns.mkString(" "), several.predict(placed).count() < 200)
// => (5,true,[rmse, own],a b y hole place both at,true)
// %% and none
val back = SparkTrainer.of(() => new Linear(2, 2)).loss(Losses.mse(_, _)).optimizer(new SGD(0.1)).features("a", "b").label().workers(2).fit(rows)
println(back.predict(rows).head.getSeq[Float](3).size)
// => 2
// %% a run in the background: looked at, stopped with what it learned, cancelled
val run = base(() => new Linear(2, 2)).features("a", "b").label("y").workers(2).epochs(1000000).start(rows)
while (run.history.size < 2) Thread.onSpinWait()
println(run.progress.epochs, run.table.linesIterator.next().trim)
run.stop()
println(run.await().stopReason)
println(spark.range(10).count())
// => (1000000,epoch    loss)
// => its user stopped it
// => 10
// %% cancel
val other = base(() => new Linear(2, 2)).features("a", "b").label("y").workers(2).epochs(1000000).start(rows)
while (other.history.isEmpty) Thread.onSpinWait()
val from = System.nanoTime
other.cancel()
try other.await() catch { case e: io.sparkgrad.cluster.TrainingException => println(e.getMessage) }
println(s"ended ${(System.nanoTime - from) / 1000000} ms after the cancel")
println(spark.range(10).count())
// => fit was interrupted at step
// => ms after the cancel
// => 10
// %% cancel of a cell, as Zeppelin does it: by its job group, from another thread
sc.setJobGroup("cell", "a cell", false)
val asked = new java.util.concurrent.atomic.AtomicLong()
val long = base(() => new Linear(2, 2)).features("a", "b").label("y").workers(2).epochs(1000000).onEpoch(e => if (e.number == 3) { asked.set(System.nanoTime); new Thread(() => sc.cancelJobGroup("cell")).start() })
try long.fit(rows) catch { case e: io.sparkgrad.cluster.TrainingException => println(e.getMessage) }
println(s"ended ${(System.nanoTime - asked.get) / 1000000} ms after the cancel")
sc.clearJobGroup()
println(long.epochs(2).onEpoch(_ => ()).fit(rows).losses.size)
// => Spark cancelled the job of the run at step
// => ms after the cancel
// => 2
