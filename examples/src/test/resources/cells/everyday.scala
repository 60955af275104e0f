// %% %spark.conf came first; settings of the session are asked in a cell
import io.sparkgrad.{Tensor, Parameter, Buffer, Grad, DType, Device}, io.sparkgrad.nn._, io.sparkgrad.optim._, io.sparkgrad.cluster.{SparkTrainer, Scaling, Ids}, io.sparkgrad.cluster.trained.TrainedModel
spark.conf.set("spark.sparkgrad.gpu", "off")
val raw = spark.range(400).selectExpr("id", "rand(1) AS a", "rand(2) AS b").selectExpr("*", "int(b > a) AS y").cache()
val Array(train, test) = raw.randomSplit(Array(0.75, 0.25), 7)
println(train.count() + test.count())
// => 400
// %% the pattern val's names in a fit, options in a Map, a val of a tuple
val (hidden, rate) = (6, 0.2)
val options = Map("hidden" -> hidden, "classes" -> 2)
val r1 = SparkTrainer.of(() => new Sequential(new Linear(2, options("hidden")), new ReLU(), new Linear(hidden, options("classes")))).
  loss(Losses.crossEntropy(_, _)).optimizer(new SGD(rate).momentum(0.9)).features("a", "b").label("y").workers(2).
  validate(test).metric("accuracy", Metrics.accuracy(_, _)).fit(train)
println(r1.metrics.get("accuracy").size)
// => 1
// %% case class data made in the cell
case class Flower(length: Double, width: Double, kind: Int)
// %% in the next cell
val flowers = (1 to 60).map(i => Flower(i % 7, (i * 3) % 5, i % 2)).toDF()
val rf = SparkTrainer.of(() => new Linear(2, 2)).loss(Losses.crossEntropy(_, _)).optimizer(new Adam(0.05)).features("length", "width").label("kind").workers(2).fit(flowers)
println(rf.classify(flowers).select("kind", "prediction").as[(Int, Double)].collect().size == 60)
// => true
// %% an implicit class and an implicit parameter within a loss
implicit class MoreTensor(t: Tensor) { def half = t / 2; def squared = t * t }
implicit val smoothing: Double = 0.01
def smoothed(o: Tensor, t: Tensor)(implicit s: Double) = new Loss.Value(Losses.crossEntropy(o, t).sum + o.squared.half.sum() * s, t.numel())
val r2 = SparkTrainer.of(() => new Linear(2, 2)).loss((o, t) => smoothed(o, t)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train)
println(r2.losses.size)
// => 1
// %% a lazy val, a def with a default argument, one curried, one within one
lazy val width = { println("width is computed"); 5 }
def layer(in: Int, out: Int = 2) = new Linear(in, out)
def scaled(factor: Double)(o: Tensor, t: Tensor) = { def times(x: Tensor) = x * factor; new Loss.Value(times(Losses.crossEntropy(o, t).sum), t.numel()) }
val r3 = SparkTrainer.of(() => new Sequential(layer(2, width), layer(width))).loss(scaled(2.0)(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train)
println(r3.model.parameters.get(0).size(0))
// => 5
// %% a function value of two arguments, as one writes f(_, _)
val bce: (Tensor, Tensor) => Loss.Value = (o, t) => Losses.bceWithLogits(o, t)
val r4 = SparkTrainer.of(() => new Linear(2, 1)).loss(bce(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train)
println(r4.classify(test).where("prediction in (0, 1)").count() == test.count())
// => true
// %% modules built by recursion, by a fold, by varargs
def mlp(sizes: List[Int]): List[Module] = sizes match { case a :: b :: Nil => List(new Linear(a, b)); case a :: b :: rest => new Linear(a, b) :: new Tanh() :: mlp(b :: rest); case _ => Nil }
val sizes = List(2, 4, 3, 2)
val r5 = SparkTrainer.of(() => new Sequential(mlp(sizes): _*)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train)
println(r5.model)
// => (4): Linear
// %% Seq, Array, Vector, List, Map and Buffer of modules
import scala.collection.mutable.ArrayBuffer
import scala.collection.immutable.ListMap
class Bag extends Module {
  val first: Seq[Module] = Seq(new Linear(2, 4), new Tanh())
  val second = Array(new Linear(4, 4), new Linear(4, 4))
  val third = Vector.fill(2)(new Linear(4, 4))
  val fourth = ArrayBuffer(new Linear(4, 4))
  val out = List(new Linear(4, 2))
  def forward(x: Tensor) = (first ++ second ++ third ++ fourth ++ out).foldLeft(x)((h, m) => m(h))
}
println(new Bag().namedParameters.size)
val r6 = SparkTrainer.of(() => new Bag).loss(Losses.crossEntropy(_, _)).optimizer(new Adam(0.01)).features("a", "b").label("y").workers(2).fit(train)
println(r6.predict(test).count() == test.count())
// => 14
// => true
// %% a java Map and a LinkedHashMap of Scala's, a pair, an Either
class InLinked extends Module { val m = scala.collection.mutable.LinkedHashMap("a" -> new Linear(2, 2)); def forward(x: Tensor) = m("a")(x) }
class InPair extends Module { val p = (new Linear(2, 2), new Linear(2, 2)); def forward(x: Tensor) = p._1(x) }
class InEither extends Module { val e: Either[Int, Linear] = Right(new Linear(2, 2)); def forward(x: Tensor) = e.toOption.get.forward(x) }
class InListMap extends Module { val m = ListMap("a" -> new Linear(2, 2)); def forward(x: Tensor) = m("a")(x) }
case class Block(a: Linear, n: Int)
class InCase extends Module { val b = Block(new Linear(2, 2), 1); def forward(x: Tensor) = b.a(x) }
class InStream extends Module { val s = Iterator.continually(new Linear(2, 2)).take(2).toIndexedSeq; def forward(x: Tensor) = s(0)(x) }
class InNested extends Module { val s = Seq(Seq(new Linear(2, 2))); def forward(x: Tensor) = s(0)(0)(x) }
for (m <- Seq(new InLinked, new InPair, new InEither, new InListMap, new InCase, new InStream, new InNested)) println(try m.getClass.getSimpleName + " " + m.namedParameters.keySet catch { case e: IllegalStateException => e.getMessage })
// => field 'm' of InLinked holds a Linear
// => field 'p' of InPair holds a Linear in a Tuple2
// => field 'e' of InEither holds a Linear
// => field 'm' of InListMap holds a Linear
// => field 'b' of InCase holds a Linear in a Block
// => InStream [s.0.weight, s.0.bias, s.1.weight, s.1.bias]
// => field 's' of InNested holds a Linear
// %% an anonymous class, with a def, a val of the cell, a module beside it in the cell
val wide = 7
val beside = new Linear(3, 3)
val r7 = SparkTrainer.of(() => new Module { val a = new Linear(2, wide); val b = new Linear(wide, 2); def act(x: Tensor) = x.sigmoid(); def forward(x: Tensor) = b(act(a(x)) * wide) }).
  loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train)
println(r7.model.namedParameters.keySet, r7.classify(test).count() == test.count())
// => ([a.weight, a.bias, b.weight, b.bias],true)
// %% a def that gives an anonymous class, and one as a val used by clones
def anonymous(n: Int) = new Module { val in = new Linear(2, n); val out = new Linear(n, 2); def forward(x: Tensor) = out(in(x).relu()) }
val r8 = SparkTrainer.of(() => anonymous(3)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train)
println(r8.model.parameters.size)
// => 4
// %% a trait mixed in, a generic class, a companion's apply, a secondary constructor
trait Activated { val slope = 0.1; def act(x: Tensor) = x.relu() + x * slope }
class Repeat[M <: Module](n: Int, make: Int => M) extends Module { val parts = (0 until n).map(make); def forward(x: Tensor) = parts.foldLeft(x)((h, p) => p(h)) }
class Mixed private (h: Int) extends Module with Activated {
  def this(h: Int, extra: Int) = this(h + extra)
  val in = new Linear(2, h); val mid = new Repeat(2, _ => new Linear(h, h)); val out = new Linear(h, 2)
  def forward(x: Tensor) = out(mid(act(in(x))))
}
object Mixed { def apply(h: Int) = new Mixed(h) }
val r9 = SparkTrainer.of(() => Mixed(4)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train)
println(r9.model.namedParameters.size, r9.predict(test).select("prediction").as[Seq[Float]].head().size)
// => (8,2)
// %% broadcast values in model, loss, metric
val classWeights = sc.broadcast(Array(1.0f, 3.0f))
val table = sc.broadcast(Map("hidden" -> 3))
val r10 = SparkTrainer.of(() => new Sequential(new Linear(2, table.value("hidden")), new Linear(3, 2))).
  loss((o, t) => { val w = Tensor.tensor(classWeights.value).indexSelect(0, t); new Loss.Value(Losses.crossEntropy(o, t).sum * classWeights.value(1), w.sum().item()) }).
  optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).
  validate(test).metric("weight", (o, t) => new Metric.Value(Tensor.tensor(classWeights.value).indexSelect(0, t).sum().item(), t.numel())).fit(train)
println(r10.metrics.get("weight").get(0) > 1)
// => true
// %% an accumulator counts batches, as in Spark's own closures
val batches = sc.longAccumulator("batches")
val r11 = SparkTrainer.of(() => new Linear(2, 2)).loss((o, t) => { batches.add(1); Losses.crossEntropy(o, t) }).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).epochs(3).fit(train)
println(batches.value > 0)
// => true
// %% UDFs on predictions, by name and by SQL
val named = udf((p: Double) => if (p == 1) "larger" else "smaller")
val sure = udf((p: org.apache.spark.ml.linalg.Vector) => p.toArray.max)
val scored = r1.classify(test).withColumn("word", named($"prediction")).withColumn("sure", sure($"probability"))
println(scored.where("sure >= 0.5").count() == test.count(), scored.groupBy("word").count().count() <= 2)
r1.classify(test).createOrReplaceTempView("scored")
println(sql("SELECT avg(if(prediction = y, 1, 0)) FROM scored").head().getDouble(0) > 0.4)
val best = udf((scores: Seq[Float]) => scores.indexOf(scores.max))
println(r1.predict(test).select(best($"prediction").as("best")).where("best in (0, 1)").count() == test.count())
// => (true,true)
// => true
// => true
// %% a registered UDF that holds a model
val trained = r1.trained
spark.udf.register("larger", (a: Double, b: Double) => trained.model.forward(Tensor.tensor(Seq(Seq(a, b)))).argmax(1).item())
test.createOrReplaceTempView("test")
println(sql("SELECT larger(a, b) AS l FROM test").where("l in (0, 1)").count() == test.count())
println(test.as[(Long, Double, Double, Int)].mapPartitions(rows => { val m = trained.model; rows.map(r => m(Tensor.tensor(Seq(Seq(r._2, r._3)))).argmax(1).item()) }).count() == test.count())
// => true
// => true
// %% RDDs of tensors and of modules
println(sc.parallelize(Seq(Tensor.ones(2), Tensor.arange(2)), 2).map(_ * 2).reduce(_ + _))
println(sc.parallelize(1 to 3, 3).map(i => Tensor.full(i, 2)).fold(Tensor.zeros(2))(_ + _).sum().item())
println(sc.broadcast(Tensor.ones(3)).value.sum().item(), sc.parallelize(Seq(new Linear(2, 2)), 1).map(_.parameters.size).sum())
// => tensor([2., 4.])
// => 12.0
// => (3.0,2.0)
// %% a loss, a metric, a schedule as classes and objects of the notebook
class Warmup(n: Int) extends Schedule { def at(lr: Double, done: Long) = lr * math.min(1.0, (done + 1.0) / n) }
case class Focal(gamma: Double) extends Loss { def of(o: Tensor, t: Tensor) = new Loss.Value(Losses.crossEntropy(o, t).sum * gamma, t.numel()) }
object Count extends Metric { def of(o: Tensor, t: Tensor) = new Metric.Value(t.numel(), 1) }
// %% made in the next cell
val r12 = SparkTrainer.of(() => new Linear(2, 2)).loss(Focal(2)).optimizer(new SGD(0.1).schedule(new Warmup(5))).features("a", "b").label("y").workers(2).
  validate(test).metric("count", Count).epochs(2).fit(train)
println(r12.metrics.get("count"))
// => [
// %% the same in one cell, beside a trainer and a result
class Slow(n: Int) extends Schedule { def at(lr: Double, done: Long) = lr / n }
object Half extends Loss { def of(o: Tensor, t: Tensor) = new Loss.Value(Losses.crossEntropy(o, t).sum / 2, t.numel()) }
val t13 = SparkTrainer.of(() => new Linear(2, 2)).loss(Half).optimizer(new SGD(0.1).schedule(new Slow(2))).features("a", "b").label("y").workers(2)
val r13 = t13.fit(train)
println(r13.losses.get(0) < 0.6)
// => true
// %% case objects decide the model, as in Spark's own call
sealed trait Act; case object Relu extends Act; case object Tanhs extends Act
val act: Act = Tanhs
println(try sc.parallelize(1 to 2, 2).map(i => act match { case Relu => 1; case Tanhs => 2 }).sum() catch { case e: Exception => "Spark: " + e.getClass.getSimpleName })
println(try SparkTrainer.of(() => new Sequential(new Linear(2, 2), act match { case Relu => new ReLU(); case Tanhs => new Tanh() })).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train).model catch { case e: Exception => e.getMessage })
// => 4.0
// => Tanh()
// %% refits: other data, more epochs, another optimizer, warm start; the trainer is a function's value
val base = SparkTrainer.of(() => new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 2))).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.3)).features("a", "b").label("y").workers(2)
val sweep = Seq(0.1, 0.3).map(lr => lr -> base.optimizer(new SGD(lr)).fit(train).losses.get(0)).toMap
val w1 = base.epochs(2).fit(train.where("a > 0.1"))
val w2 = base.warmStart(w1).epochs(1).fit(train)
println(sweep.size, w1.losses.size, w2.losses.get(0) <= w1.losses.get(0) + 0.1)
// => (2,2,true)
// %% two fits at once
import scala.concurrent.{Await, Future}, scala.concurrent.duration._, scala.concurrent.ExecutionContext.Implicits.global
def one(n: Int) = Future(SparkTrainer.of(() => new Linear(2, n)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train).model.parameters.get(0).size(0))
println(Await.result(Future.sequence(Seq(one(2), one(4), one(3))), 5.minutes))
// => List(2, 4, 3)
// %% Try, Option, Either around a fit; Scala's collections of the result
import scala.util.Try, scala.collection.JavaConverters._
val tried = Try(SparkTrainer.of(() => new Linear(3, 2)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").fit(train))
println(tried.isFailure, tried.failed.get.getMessage.take(60))
println(r1.losses.asScala.map(_ > 0), r1.metrics.asScala.keys.toList)
// => (true,
// => Buffer(true),List(accuracy))
// %% local training with closures, noGrad, hooks, a custom Function
class Cube extends io.sparkgrad.autograd.Function {
  override def forward(ctx: io.sparkgrad.autograd.FunctionContext, in: Tensor*) = { ctx.saveForBackward(in(0)); Array(in(0).pow(3)) }
  override def backward(ctx: io.sparkgrad.autograd.FunctionContext, g: Tensor*) = Array(g(0) * ctx.saved(0).pow(2) * 3)
}
val x = Tensor.scalar(2.0).requiresGrad_()
val hook = x.registerHook(g => g * 2)
new Cube()(x).backward()
println(x.grad)
val w = new Parameter(Tensor.zeros(2, 1))
val xs = Tensor.tensor(train.select("a", "b").as[(Double, Double)].collect().map(p => Seq(p._1, p._2)))
val ys = Tensor.tensor(train.select("y").as[Int].collect()).to(DType.FLOAT32)
for (i <- 1 to 5) { val l = ((xs.matmul(w) - ys.unsqueeze(1)) * 1.0).pow(2).mean(); l.backward(); val g = Grad.noGrad(); try { w -= w.grad * 0.1; w.grad.zero_() } finally g.close() }
println(w.shape.toSeq)
// => tensor(24.)
// => (2, 1)
// %% tensors of Scala's and Java's collections
println(Tensor.tensor(Seq(Array(1.0, 2.0), Array(3.0, 4.0))).sum().item(), Tensor.tensor(java.util.Arrays.asList(1, 2)).sum().item(), Tensor.tensor(Set(1.0).toSeq).item(), Tensor.tensor(Array(Seq(1L))).dtype)
println(Tensor.tensor(Iterator(1, 2).toSeq).numel(), Tensor.tensor(List.tabulate(2, 3)(_ + _)).shape.toList, Tensor.tensor((1 to 3).map(_.toFloat)).mean().item(), Tensor.tensor(Stream(1, 2)).numel(), Tensor.tensor(Range(0, 4).toArray).numel())
println(Try(Tensor.tensor(Seq((1.0, 2.0)))).failed.get.getMessage)
println(Try(Tensor.tensor(Seq(Seq(1.0), Seq(1.0, 2.0)))).failed.get.getMessage)
println(Try(Tensor.tensor(Seq(Some(1.0)))).failed.get.getMessage)
println(Tensor.tensor(Seq(BigDecimal(2.5))).sum().item(), Try(Tensor.tensor(Map("a" -> 1.0))).failed.get.getMessage)
// => (10.0,3.0,1.0,torch.int64)
// => (2,List(2, 3),2.0,2,4)
// => tensor: expected numbers in arrays or lists, got scala.Tuple2
// => tensor: expected sequence of length 1 at dim 1 (got 2)
// => tensor: expected numbers in arrays or lists, got scala.Some
// => (2.5,tensor: expected numbers in arrays or lists, got scala.Tuple2)
// %% ML's own: assembler, indexer, pipeline, evaluator
import org.apache.spark.ml.feature.{VectorAssembler, StringIndexer, IndexToString}
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator
val words = train.withColumn("name", when($"y" === 1, "larger").otherwise("smaller"))
val assembled = new VectorAssembler().setInputCols(Array("a", "b")).setOutputCol("features").transform(words)
val indexed = new StringIndexer().setInputCol("name").setOutputCol("label").fit(assembled).transform(assembled)
val ml = SparkTrainer.of(() => new Linear(2, 2)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("features").label("label").workers(2).fit(indexed)
val back = new IndexToString().setInputCol("prediction").setOutputCol("guess").transform(ml.classify(indexed))
println(back.select("guess").distinct().as[String].collect().forall(Set("larger", "smaller")), new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(ml.classify(indexed)) > 0)
// => (true,true)
// %% a class defined anew with another shape; the trainer of before keeps its own
class Again extends Module { val l = new Linear(2, 2); def forward(x: Tensor) = l(x) }
val before = SparkTrainer.of(() => new Again).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2)
val ra1 = before.fit(train)
// %% in the next cell
class Again extends Module { val l = new Linear(2, 3); val m = new Linear(3, 2); def forward(x: Tensor) = m(l(x)) }
val after = SparkTrainer.of(() => new Again).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2)
println(after.fit(train).model.parameters.size, before.fit(train).model.parameters.size, ra1.predict(test).count() == test.count())
// => (4,2,true)
// %% closures over results of other cells in Spark's calls and in ours
val results = Seq(r1, r5)
println(sc.parallelize(results.indices, 2).map(i => results(i).model.parameters.size).sum())
val teacher = r1.model
val distilled = SparkTrainer.of(() => new Linear(2, 2)).batchLoss((out, batch) => Losses.mse(out.first, teacher(batch.inputs.get("features")).detach())).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train)
println(distilled.losses.size)
// => 10.0
// => 1
// %% what a user may write wrong, in words
println(Try(SparkTrainer.of(() => new Linear(2, 2)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "bb").label("y").fit(train)).failed.get.getMessage)
println(Try(SparkTrainer.of(() => new Linear(2, 2)).optimizer(new SGD(0.1)).features("a", "b").label("y").fit(train)).failed.get.getMessage)
println(Try { spark.conf.set("spark.sparkgrad.gpuu", "off"); base.fit(train) }.failed.get.getMessage); spark.conf.unset("spark.sparkgrad.gpuu")
println(Try(SparkTrainer.of(() => { if (train.count() > 0) new Linear(2, 2) else new Linear(2, 2) }).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").fit(train)).failed.get.getMessage)
println(Try(SparkTrainer.of(() => { sc.parallelize(1 to 2).count(); new Linear(2, 2) }).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").fit(train)).failed.get.getMessage)
// => there is no column 'bb' (columns: id, a, b, y): did you mean 'b'?
// => no loss set: add .loss(
// => there is no setting spark.sparkgrad.gpuu
// => the model cannot be made
// => the model cannot be made
// %% an exception class of the notebook's in a loss
class TooBig(text: String) extends Exception(text)
val limit = 0.0
SparkTrainer.of(() => new Linear(2, 2)).loss((o, t) => { val l = Losses.crossEntropy(o, t); if (l.sum.item() > limit) throw new TooBig("above " + limit); l }).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train)
// => error above 0.0
// %% a streaming query that scores
import org.apache.spark.sql.streaming.Trigger
val folder = java.nio.file.Files.createTempDirectory("stream").toString
test.write.mode("overwrite").parquet(folder)
val q = r1.classify(spark.readStream.schema(test.schema).parquet(folder)).writeStream.format("memory").queryName("mem").trigger(Trigger.Once()).start()
q.awaitTermination()
println(spark.table("mem").count() == test.count())
// => true
// %% weights, nulls, text of ids, early stopping by a metric with names of vals
val metricName = "auc"
val imb = train.withColumn("w", when($"y" === 1, 2.0).otherwise(1.0))
val ai = SparkTrainer.of(() => new Linear(2, 1)).loss(Losses.bceWithLogits(_, _)).optimizer(new Adam(0.01)).features("a", "b").label("y").weight("w").workers(2).
  validate(imb).metric(metricName, Metrics.areaUnderRoc).earlyStopping(2, metricName, true).epochs(3).fit(imb)
println(ai.bestEpoch > 0, ai.metrics.get(metricName).get(0) > 0)
println(Try(ai.predict(imb.withColumn("a", when($"b" > 0.5, $"a"))).agg(sum("prediction")).collect()).failed.get.getMessage.contains("column 'a' is null"))
// => (true,true)
// => true
// %% printEpochs, live handle, table, html, svg
val live = base.epochs(3).printEpochs().start(train)
println(live.await().table().linesIterator.next())
println(r1.svg().take(4), r1.html().take(5), r1.confusionMatrix(test).accuracy > 0)
// => epoch
// => (<svg,<div>,true)
// %% locals of a block and a method's parameters
{
  val h = 3; val source = train
  val local = SparkTrainer.of(() => new Linear(2, h)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(source)
  println(local.model.parameters.get(0).size(0))
}
def fitWith(data: org.apache.spark.sql.DataFrame, h: Int, lossOf: (Tensor, Tensor) => Loss.Value) = SparkTrainer.of(() => new Linear(2, h)).loss(lossOf(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(data)
println(fitWith(train, 4, (o, t) => Losses.crossEntropy(o, t)).model.parameters.get(0).size(0))
// => 3
// => 4
// %% a class that holds settings and fits by a method, its lambda uses this
class Experiment(hidden: Int) extends Serializable { val lr = 0.1; var seen = 0; def run(d: org.apache.spark.sql.DataFrame) = { seen += 1; SparkTrainer.of(() => new Linear(2, hidden)).loss((o, t) => Losses.crossEntropy(o, t)).optimizer(new SGD(lr)).features("a", "b").label("y").workers(2).onEpoch(e => seen += e.number).fit(d) } }
val ex = new Experiment(2)
ex.run(train); ex.run(train)
println(ex.seen)
// => 4
// %% the same of a class that is not serializable: named, as Spark's
class Plain(hidden: Int) { def run(d: org.apache.spark.sql.DataFrame) = SparkTrainer.of(() => new Linear(2, hidden)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(d); def sum() = sc.parallelize(1 to 2).map(_ * hidden).sum() }
println(Try(new Plain(2).sum()).isSuccess, Try(new Plain(2).run(train)).isSuccess)
// => (false,false)
// %% a local class within a def, a model from a Scala collection of settings
def localClass(n: Int) = { class Inner extends Module { val l = new Linear(2, n); def forward(x: Tensor) = l(x) }; new Inner }
println(SparkTrainer.of(() => localClass(2)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train).model)
// => Inner
// %% BatchNorm, Dropout, Embedding of ids in a cell's class, predict twice alike
class Many extends Module { val n = new BatchNorm1d(2); val d = new Dropout(0.5); val l = new Linear(2, 2); var calls = 0; def forward(x: Tensor) = { calls += 1; l(d(n(x))) } }
val many = SparkTrainer.of(() => new Many).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).epochs(2).fit(train)
println(many.predict(test).select("prediction").as[Seq[Float]].collect().toSeq == many.predict(test).select("prediction").as[Seq[Float]].collect().toSeq)
// => true
// %% a val that shadows ours, and Spark's functions beside
val Linear = 3; val loss = "mine"; val metric = 1
println(SparkTrainer.of(() => new Linear(2, Linear)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("a", "b").label("y").workers(2).fit(train).model)
println(train.agg(org.apache.spark.sql.functions.sum("y"), max("a")).count())
// => Linear(
// => 1
// %% an RDD as data, a DataFrame of tuples, a Dataset of a case class with an array
val tuples = Seq((Array(0.1, 0.9), 1), (Array(0.8, 0.3), 0), (Array(0.2, 0.4), 1)).toDF("xs", "y")
println(SparkTrainer.of(() => new Linear(2, 2)).loss(Losses.crossEntropy(_, _)).optimizer(new SGD(0.1)).features("xs").label("y").workers(2).fit(tuples).predict(tuples).count())
val dense = sc.parallelize(Seq((org.apache.spark.ml.linalg.Vectors.dense(1, 2), 1.0), (org.apache.spark.ml.linalg.Vectors.sparse(2, Array(0), Array(3.0)), 0.0))).toDF("v", "y")
println(SparkTrainer.of(() => new Linear(2, 1)).loss(Losses.mse(_, _)).optimizer(new SGD(0.01)).features("v").label("y").workers(2).fit(dense).predict(dense).select("prediction").as[Double].count())
// => 3
// => 2
// %% a pattern in a lambda, partial functions, by-name and vararg helpers
def timed[T](body: => T): T = { val from = System.nanoTime; val r = body; r }
val steps: PartialFunction[Int, Double] = { case n if n < 2 => 1.0; case n if n < 100000 => 0.5 }
println(timed(SparkTrainer.of(() => { val Seq(a, b) = Seq(2, 3); new Sequential(Seq[Module](new Linear(a, b), new Linear(b, 2)): _*) }).loss { case (o, t) => Losses.crossEntropy(o, t) }.optimizer(new SGD(0.1).schedule((lr, n) => lr * steps(n.toInt))).features(Seq("a", "b"): _*).label("y").workers(2).fit(train)).losses.size)
// => 1
