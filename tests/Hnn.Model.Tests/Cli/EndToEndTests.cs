using System.Text.Json;

namespace Hnn.Model.Tests.Cli;

/// <summary>Real evaluations under encryption, with secure parameters.</summary>
[Trait("Category", "Slow")]
public sealed class EndToEndTests
{
    [Fact]
    public async Task Classify_JsonHasTheDocumentedFields()
    {
        using TinyModel model = new();
        CliRun run = await CliRun.RunAsync("classify", "good film and more of it", "--model", model.Folder, "--threads", "2", "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement json = run.Json;
        Assert.Equal(
            "text, tokens, bucket, label, release, softArgmax, plainSoftArgmax, probabilities, plainProbabilities, absError, twinError, securityBits, logN, logQ, logQP, levels, backend, keygenMs, "
            + "encryptMs, evaluateMs, decryptMs, totalMs, keyBytes, requestBytes, responseBytes, peakBytes, truncated, inRange",
            CliRun.FieldNames(json));
        double Number(string name) => json.GetProperty(name).GetDouble();
        Assert.Equal("good film and more of it", json.GetProperty("text").GetString());
        Assert.Equal((4, 4), (Number("tokens"), Number("bucket")));
        Assert.Equal(Number("softArgmax") > 0.5 ? "positive" : "negative", json.GetProperty("label").GetString());
        Assert.InRange(Number("absError"), 0, 2e-3);
        Assert.InRange(Number("twinError"), 0, 1e-4);
        Assert.Equal(Number("absError"), Math.Abs(Number("softArgmax") - Number("plainSoftArgmax")));
        Assert.True(Number("securityBits") >= 128);
        Assert.Matches("^SIMD .*, 2 threads$", json.GetProperty("backend").GetString());
        foreach (string name in (string[])["keygenMs", "encryptMs", "evaluateMs", "decryptMs", "keyBytes", "requestBytes", "responseBytes", "peakBytes"])
        {
            Assert.True(Number(name) > 0, name);
        }

        Assert.True(Number("totalMs") >= Number("keygenMs") + Number("encryptMs") + Number("evaluateMs") + Number("decryptMs"));
        Assert.True(json.GetProperty("truncated").GetBoolean());
        Assert.True(json.GetProperty("inRange").GetBoolean());
        Assert.Contains("warning: the text is longer", run.Error, StringComparison.Ordinal);
        Assert.Contains("evaluate 100 %", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_GivesOutOfRangeSentencesNoLabel()
    {
        using TinyModel model = new(biasGap: 20); // argument about 10, beyond the interval of 8
        string data = Path.Combine(model.Folder, "data.tsv");
        await File.WriteAllTextAsync(data, "sentence\tlabel\ngood film\t1\nbad film\t0\n");
        CliRun run = await CliRun.RunAsync("evaluate", "--data", data, "--limit", "1", "--model", model.Folder, "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement json = run.Json;
        Assert.Equal(
            "sentences, model, packing, accuracy, precision, recall, f1, auroc, plainAccuracy, agreement, maxAbsError, meanAbsError, "
            + "secondsPerSentence, totalSeconds, peakBytes, securityBits, data, modelId, correct, plainCorrect, plainPrecision, plainRecall, "
            + "plainF1, plainAuroc, agreements, decided, decidedAgreements, outOfRange, truncated, maxTwinError, meanTwinError, temperature, entropyBits, "
            + "plainEntropyBits, keySeconds, runs, parameters, backend, buckets, layers, disagreements",
            CliRun.FieldNames(json));
        Assert.Equal((1, 0, 1, 1), (Number("sentences"), Number("correct"), Number("outOfRange"), Number("plainCorrect")));
        JsonElement disagreement = Assert.Single(json.GetProperty("disagreements").EnumerateArray());
        Assert.Equal("index, label, plainLabel, goldLabel, margin, absError", CliRun.FieldNames(disagreement));
        Assert.Equal(JsonValueKind.Null, disagreement.GetProperty("label").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("entropyBits").ValueKind);
        Assert.Empty(json.GetProperty("layers").EnumerateArray());
        Assert.StartsWith("SIMD ", json.GetProperty("backend").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("film", run.Out + run.Error, StringComparison.Ordinal);
        int Number(string name) => json.GetProperty(name).GetInt32();
    }

    // A calibrated temperature and interval reach the ciphertexts: the decrypted value is that of the calibrated clear network.
    [Fact]
    public async Task Classify_FollowsTheCalibratedSoftArgmax()
    {
        using TinyModel model = new();
        string data = Path.Combine(model.Folder, "data.tsv");
        await File.WriteAllTextAsync(data, "sentence\tlabel\ngood film\t1\ngood film\t0\nbad film\t1\nbad film\t1\nbad\t1\n");
        JsonElement calibrated = (await CliRun.RunAsync("calibrate", "--data", data, "--model", model.Folder, "--json")).Json;
        double temperature = calibrated.GetProperty("temperature").GetDouble();
        Assert.True(Math.Abs(temperature - 2) > 0.1, $"{temperature}");
        JsonElement clear = (await CliRun.RunAsync("evaluate", "--clear", "--ranges", "--data", data, "--limit", "1", "--model", model.Folder, "--json")).Json;
        double difference = clear.GetProperty("ranges").EnumerateArray().Single(
            r => r.GetProperty("name").GetString() == "logit_difference").GetProperty("largest").GetDouble();
        JsonElement json = (await CliRun.RunAsync("classify", "good film", "--model", model.Folder, "--json")).Json;
        Assert.Equal(1 / (1 + Math.Exp(-difference / temperature)), json.GetProperty("plainSoftArgmax").GetDouble(), 1e-9);
        Assert.InRange(json.GetProperty("absError").GetDouble(), 0, calibrated.GetProperty("polynomialError").GetDouble() + 1e-4);
        Assert.True(json.GetProperty("inRange").GetBoolean());
    }

    // The committed model, its shortest bucket, four processes that share nothing but files.
    [Fact]
    public async Task FourProcesses_ClassifyASentenceWithTheCommittedModel()
    {
        string folder = Directory.CreateTempSubdirectory("hnn-four-").FullName;
        try
        {
            string Name(string name) => Path.Combine(folder, name);
            const string text = "it 's a charming and often affecting journey .";
            await HnnProcess.ResultAsync("keygen", "--model", TestData.HnnTiny, "--out", Name("keys"));
            JsonElement encrypt = await HnnProcess.ResultAsync("encrypt", text, "--keys", Name("keys"), "--out", Name("request.bin"));
            Assert.Equal(16, encrypt.GetProperty("bucket").GetInt32());
            File.Move(Name("keys/secret.key"), Name("secret.key")); // out of the server's reach
            await HnnProcess.ResultAsync(
                "infer", Name("request.bin"), "--model", TestData.HnnTiny, "--evaluation-keys", Name("keys/evaluation.keys"), "--out", Name("response.bin"));
            File.Move(Name("secret.key"), Name("keys/secret.key"));
            JsonElement decrypt = await HnnProcess.ResultAsync("decrypt", Name("response.bin"), "--keys", Name("keys"));
            Assert.Equal("positive", decrypt.GetProperty("label").GetString());
            Assert.Equal(0.9975, decrypt.GetProperty("softArgmax").GetDouble(), 5e-3);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
