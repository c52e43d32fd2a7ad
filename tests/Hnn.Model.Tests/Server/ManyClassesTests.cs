using FsCheck;
using FsCheck.Fluent;
using Heann.Core;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Serialization;
using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Files;
using Hnn.Model.Plain;
using Hnn.Model.Server;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Server;

/// <summary>A five-class network from text ids to the client's label, in a small insecure ring: in memory and through files, for both
/// kinds of release.</summary>
public sealed class ManyClassesTests(ITestOutputHelper output)
{
    private const string ModelId = TinyService.ModelId;

    private static readonly RandomNetwork Network = new(4, 2, 11, 1, 4, 31, 5);

    private static readonly HnnConfig Config = Network.Config with { SoftArgmax = new(0.9, -5, 5) };

    [Theory]
    [InlineData(Release.Probabilities)]
    [InlineData(Release.SoftArgmax)]
    public void ClientAndServer_GiveTheTwinsValuesAndTheNetworksLabel(Release release)
    {
        using InferenceClient client = new(Plan(4, release), Network.Embeddings(), ModelId, Backends.Shared);
        using EvaluationKeys keys = client.CreateEvaluationKeys();
        InferenceServer server = new(Plan, Network.Weights(), ModelId, Backends.Shared);
        ClearNetwork clear = new(Plan(4, release), Network.Weights());
        SentenceEmbedder embedder = new(Network.Embeddings());
        foreach (int[] ids in (int[][])[[3], [5, 10, 0], [9, 9, 1, 7]])
        {
            using InferenceRequest request = client.Encrypt(TinyService.Text(ids));
            using InferenceResponse response = server.Infer(request, keys);
            Assert.Equal((release, release, 0), (request.Release, response.Release, response.Released.Level));
            Assert.Equal(client.Plan.ResponseBytes, response.ByteCount);
            ReleasedValue value = client.Decrypt(response);
            ClearResult twin = clear.Evaluate(embedder.Embed(ids));
            Assert.True(twin.IsInRange);
            output.WriteLine($"{release}: noise {value.DistanceTo(twin.TwinReleased):E2}, error {value.DistanceTo(twin.Released):E2}");
            Assert.InRange(value.DistanceTo(twin.TwinReleased), 0, ErrorBudgets.Probabilities);

            // The network in the clear, by another implementation.
            double[] logits = new PolynomialNetwork(Config, Network.Weights()).Logits(embedder.Embed(ids));
            SoftArgmaxResult exact = new DifferentiableSoftArgmax(0.9).Forward(logits);
            double bound = client.Plan.SoftArgmax.MaxError + ErrorBudgets.Probabilities;
            Assert.InRange(Math.Abs(value.Value - exact.Value), 0, 10 * bound);
            Assert.Equal(exact.Value, twin.SoftArgmax, 1e-9);
            if (release == Release.Probabilities)
            {
                Assert.Equal(5, value.Probabilities!.Count);
                Assert.All(value.Probabilities.Zip(exact.Probabilities), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, bound));
                Assert.Equal(Array.IndexOf(logits, logits.Max()), value.Label);
            }
            else
            {
                Assert.Null(value.Probabilities);
                Assert.Equal((int)Math.Round(exact.Value), value.Label);
            }
        }
    }

    [Fact]
    public void Files_CarryWhatIsReleasedAndBothSidesCheckIt()
    {
        string folder = Directory.CreateTempSubdirectory("hnn-classes-").FullName;
        try
        {
            string At(string name) => Path.Combine(folder, name);
            ModelIdentity identity = new("five", ModelId, Config.Buckets, Config.Labels);
            InferenceFiles server = new(new InferenceServer(Plan, Network.Weights(), ModelId, Backends.Shared), identity, Backends.Shared);
            foreach (Release release in Enum.GetValues<Release>())
            {
                HnnConfig config = Config.WithRelease(release);
                KeyFolder keys = new(At($"keys-{release}"));
                keys.Create(identity, config, (Parameters(release), Backends.Shared), null, CancellationToken.None).Dispose();
                using ClientFiles client = Open(keys);
                Assert.Equal((release, 5), (client.Keys.Release, client.Keys.Model.Labels.Count));
                client.Encrypt(Config, Network.Embeddings(), TinyService.Text(5, 10, 0), At($"request-{release}"));
                server.Infer((At($"request-{release}"), keys.EvaluationPath, At($"response-{release}")));
                (ReleasedValue value, _, _, _) = client.Decrypt(At($"response-{release}"));
                ReleasedValue twin = new ClearNetwork(Plan(4, release), Network.Weights())
                    .Evaluate(new SentenceEmbedder(Network.Embeddings()).Embed([5, 10, 0])).TwinReleased;
                Assert.InRange(value.DistanceTo(twin), 0, ErrorBudgets.Probabilities);
                foreach (string path in (string[])[keys.SecretPath, keys.EvaluationPath, At($"request-{release}"), At($"response-{release}")])
                {
                    Assert.Equal(release, FileInspector.Inspect(path).Release);
                }
            }

            KeyFolder probabilities = new(At("keys-Probabilities"));
            string message = Refused(() => server.Infer((At("request-SoftArgmax"), probabilities.EvaluationPath, At("none"))));
            Assert.All(["soft_argmax", "probabilities", "request-SoftArgmax"], part => Assert.Contains(part, message, StringComparison.Ordinal));
            using ClientFiles other = Open(probabilities);
            message = Refused(() => other.Decrypt(At("response-SoftArgmax")));
            Assert.All(["soft_argmax", "probabilities"], part => Assert.Contains(part, message, StringComparison.Ordinal));
            Assert.False(File.Exists(At("none")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Codec_RefusesAReleaseThatItDoesNotKnowAndProbabilitiesOfTwoClasses()
    {
        using InferenceClient client = new(Plan(4, Release.Probabilities), Network.Embeddings(), ModelId, Backends.Shared);
        using InferenceRequest request = client.Encrypt(TinyService.Text(3));
        InferenceRequestCodec codec = new(Parameters(Release.Probabilities), Backends.Shared);
        using InferenceRequest unknown = request with { Release = (Release)2 };
        Assert.Contains("number 2", Assert.Throws<InvalidDataException>(() => codec.Read(codec.ToBytes(unknown))).Message, StringComparison.Ordinal);
        using SecretKey secret = new KeyGenerator(TinyFilesParameters, Backends.Shared).CreateSecretKey();
        ClientKeys wrong = new(new("two", ModelId, [4], ["a", "b"]), secret, Release.Probabilities);
        ClientKeysCodec keys = new(Backends.Shared, ParametersCodec.AllowInsecure);
        Assert.Contains("2 labels", Assert.Throws<InvalidDataException>(() => keys.Read(keys.ToBytes(wrong))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ServerOfTwoClasses_RefusesProbabilities()
    {
        InferenceServer server = new(TinyService.Plan, TinyService.Weights, ModelId, Backends.Shared);
        Assert.Contains("probability of the second", Assert.Throws<ArgumentException>(
            () => server.PlanFor(4, Release.Probabilities)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnswerOfAnotherRelease_IsRefusedByTheClient()
    {
        using InferenceClient client = new(Plan(4, Release.Probabilities), Network.Embeddings(), ModelId, Backends.Shared);
        using InferenceRequest request = client.Encrypt(TinyService.Text(3));
        using InferenceResponse response = new(ModelId, 4, Release.SoftArgmax, request.Tokens);
        Assert.Contains("asks for probabilities", Assert.Throws<ArgumentException>(() => client.Decrypt(response)).Message, StringComparison.Ordinal);
    }

    // Any number of classes, shapes and sentences: the packed circuit in the clear against the unpacked network.
    [Fact]
    public void Property_TheClearCircuitIsTheNetwork() => Check.One(
        FsCheck.Config.QuickThrowOnFailure.WithMaxTest(25), Prop.ForAll(
            (from classes in Gen.Choose(3, 8)
             from tokens in Gen.Choose(1, 4)
             from release in Gen.Elements(Enum.GetValues<Release>())
             from seed in Gen.Choose(0, 1 << 20)
             select (classes, tokens, release, seed)).ToArbitrary(),
            sample =>
            {
                RandomNetwork network = new(4, 2, 5, 1, 4, sample.seed, sample.classes);
                HnnConfig config = network.Config with { SoftArgmax = new(1, -7, 7) { Release = sample.release, Degree = 31 } };
                double[,] tokens = network.Tokens(sample.tokens);
                ClearResult result = new ClearNetwork(LevelPlan.Create(config, 4, InsecureSets.For(config, 8)), network.Weights()).Evaluate(tokens);
                double[] logits = new PolynomialNetwork(config, network.Weights()).Logits(tokens);
                double[] arguments = new DifferentiableSoftArgmax(1).Arguments(logits);
                Assert.All(result.Arguments.Zip(arguments), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
                Assert.Equal(arguments.All(a => Math.Abs(a) <= 7), result.IsInRange);
                Assert.Equal(new DifferentiableSoftArgmax(1).Forward(logits).Value, result.SoftArgmax, 1e-9);
                if (result.IsInRange)
                {
                    Assert.InRange(result.TwinReleased.DistanceTo(result.Released), 0, 30 * new SoftmaxApproximation(sample.classes, -7, 7, 31).MaxError);
                }
            }));

    private static CkksParameters TinyFilesParameters => InsecureSets.For(TinyService.Config, 10);

    private static CkksParameters Parameters(Release release) => InsecureSets.For(Config.WithRelease(release), 10);

    private static LevelPlan Plan(int bucket, Release release) => LevelPlan.Create(Config.WithRelease(release), bucket, Parameters(release));

    private static ClientFiles Open(KeyFolder folder) =>
        new(new ClientKeysCodec(Backends.Shared, ParametersCodec.AllowInsecure).ReadFile(folder.SecretPath), Backends.Shared);

    private static string Refused(Action action) => Assert.Throws<InvalidDataException>(action).Message;
}
