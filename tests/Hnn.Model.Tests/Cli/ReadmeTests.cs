using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Cli;

/// <summary>The README's sample is this file's, and it does what it says.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void Sample_MultipliesAndRotates()
    {
        #region sample
        using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4);   // throws below 128-bit security
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([1], level: 3));
        CkksEvaluator evaluator = ckks.CreateEvaluator(keys);                        // needs no secret
        using Ciphertext x = ckks.Encrypt(secret, [1.5, -2.0, 0.25]);
        using Ciphertext product = evaluator.Multiply(x, x);                         // scale squared
        using Ciphertext square = evaluator.Rescale(product);                        // one level less
        using Ciphertext rotated = evaluator.Rotate(square, 1);                      // one slot to the left
        double[] y = ckks.Decrypt(secret, rotated);                                  // 4.0, 0.0625, 0, …
        #endregion
        Assert.Equal(4.0, y[0], 4);
        Assert.Equal(0.0625, y[1], 4);
        Assert.Equal(0, y[2], 4);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("Heann.Core/README.md")]
    public void Sample_StandsInTheReadme(string readme)
    {
        Assert.Contains(Region("sample"), File.ReadAllText(Path.Combine(TestData.Root, readme)), StringComparison.Ordinal);
    }

    [Fact]
    public void SampleOfTheModel_PlansAndStandsInItsReadme()
    {
        string folder = TestData.HnnTiny;
        #region model
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(folder));          // config.json, model.safetensors, vocab.txt
        TokenizedText tokens = model.Tokenize("a charming and often affecting journey .");
        LevelPlan plan = LevelPlan.Create(model.Config, model.Config.BucketFor(tokens.Ids.Count));
        #endregion
        Assert.Equal(16, plan.Bucket);
        Assert.Equal(24, plan.Parameters.MaxLevel);
        Assert.Contains(Region("model"), File.ReadAllText(Path.Combine(TestData.Root, "Hnn.Model", "README.md")), StringComparison.Ordinal);
    }

    private static string Region(string name)
    {
        string source = File.ReadAllText(Path.Combine(TestData.Root, "tests", "Hnn.Model.Tests", "Cli", "ReadmeTests.cs"));
        int start = source.IndexOf($"#region {name}", StringComparison.Ordinal);
        string region = source[start..source.IndexOf("        #endregion", start, StringComparison.Ordinal)];
        return string.Join('\n', region.Split('\n')[1..].Select(line => line.Trim()));
    }

    [Fact]
    public void Parameters_AreThePlans()
    {
        LevelPlan plan = LevelPlan.Create(ModelDirectory.Open(TestData.HnnTiny).Config, 64);
        CkksParameters p = plan.Parameters;
        Assert.Contains(
            $"> N = 2^{p.LogN}, log Q = {p.BasisQ.Log2:F0}, log QP = {p.BasisQP.Log2:F0}, {p.MaxLevel} levels, {p.SecurityBits}-bit security",
            File.ReadAllText(Path.Combine(TestData.Root, "README.md")),
            StringComparison.Ordinal);
    }
}
