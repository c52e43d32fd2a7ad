using Heann.Core;
using Heann.Core.Encoders;
using Heann.Core.Keys;
using Hnn.Model.Client;
using Hnn.Model.Server;

namespace Hnn.Model.Tests.Server;

/// <summary>The server's half could not decrypt if it wanted to: nothing in it names the secret key or what makes or uses one.</summary>
public sealed class ServerReferencesTests
{
    private static readonly string[] Secrets =
        [typeof(SecretKey).FullName!, typeof(Decryptor).FullName!, typeof(KeyGenerator).FullName!, typeof(CkksContext).FullName!];

    [Fact]
    public void NoTypeOfTheServerMentionsASecret()
    {
        using ReferenceScanner scanner = new(typeof(InferenceServer).Assembly);
        string[] types = [.. scanner.Types.Where(IsServers)];
        Assert.Contains(typeof(InferenceServer).FullName, types);
        Assert.All(types, type => Assert.Empty(scanner.TypesMentionedBy(type).Intersect(Secrets)));
    }

    [Fact]
    public void NothingThatTheServerReachesMentionsASecretOrTheClient()
    {
        using ReferenceScanner scanner = new(typeof(InferenceServer).Assembly);
        IReadOnlySet<string> reached = scanner.TypesReachedFrom(scanner.Types.Where(IsServers));

        // It does reach the circuit and its layers.
        Assert.Contains(typeof(Model.Compilation.SentimentCircuit).FullName!, reached);
        Assert.Contains(typeof(Model.Layers.SelfAttention).FullName!, reached);
        Assert.Empty(reached.Intersect(Secrets));
        Assert.DoesNotContain(reached, type => type.StartsWith("Hnn.Model.Client.", StringComparison.Ordinal));
    }

    [Fact]
    public void TheScannerFindsWhatTheClientMentions()
    {
        using ReferenceScanner scanner = new(typeof(InferenceClient).Assembly);
        Assert.Equal(Secrets.Order(), scanner.TypesMentionedBy(typeof(InferenceClient).FullName!).Intersect(Secrets).Order());
    }

    [Theory]
    [InlineData(nameof(Field))]
    [InlineData(nameof(Property))]
    [InlineData(nameof(Parameter))]
    [InlineData(nameof(Result))]
    [InlineData(nameof(Local))]
    [InlineData(nameof(GenericArgument))]
    [InlineData(nameof(TypeToken))]
    [InlineData(nameof(MemberOfOther))]
    [InlineData(nameof(Lambda))]
    [InlineData(nameof(Caught))]
    [InlineData(nameof(AfterASwitch))]
    public void TheScannerFindsASecretWhereverItHides(string type)
    {
        using ReferenceScanner scanner = new(typeof(ServerReferencesTests).Assembly);
        string name = $"{typeof(ServerReferencesTests).FullName}+{type}";
        Type hidden = type == nameof(Caught) ? typeof(MissingKeyException) : typeof(SecretKey);
        Assert.Contains(hidden.FullName!, scanner.TypesMentionedBy(name));
    }

    [Fact]
    public void TheScannerFindsNothingWhereNothingIs()
    {
        using ReferenceScanner scanner = new(typeof(ServerReferencesTests).Assembly);
        IReadOnlySet<string> mentioned = scanner.TypesMentionedBy($"{typeof(ServerReferencesTests).FullName}+{nameof(Innocent)}");
        Assert.Contains(typeof(SlotVector).FullName!, mentioned);
        Assert.Empty(mentioned.Intersect(Secrets));
        Assert.Throws<ArgumentException>(() => scanner.TypesMentionedBy("No.Such.Type"));
    }

    private static bool IsServers(string type) => type.StartsWith("Hnn.Model.Server.", StringComparison.Ordinal);

#pragma warning disable CS0169, CA1823, CA1822, CA1812, CA1852, IDE0044, IDE0051 // read by the scanner only
    private sealed class Field { private List<SecretKey[]>? _key; }

    private sealed class Property { public static SecretKey? Key => null; }

    private sealed class Parameter { public static void Call(ref SecretKey? key) => key = null; }

    private sealed class Result { public static Dictionary<int, SecretKey>? Call() => null; }

    private sealed class Local
    {
        public static int Call(object[] values)
        {
            int count = 0;
            for (SecretKey? key = values[0] as SecretKey; key is not null; key = values[count] as SecretKey) count++;
            return count;
        }
    }

    private sealed class GenericArgument { public static object Call() => Array.Empty<SecretKey>(); }

    private sealed class TypeToken { public static string Call() => typeof(SecretKey).Name; }

    private sealed class MemberOfOther { public static object Call(CkksContext context) => context.KeyGenerator.CreateSecretKey(); }

    private sealed class Lambda { public static Func<object, bool> Call() => value => value is SecretKey; }

    private sealed class Caught
    {
        public static bool Call(Action action)
        {
            try
            {
                action();
                return true;
            }
            catch (MissingKeyException)
            {
                return false;
            }
        }
    }

    private sealed class AfterASwitch
    {
        public static object? Call(int i, object value)
        {
            double d = i switch { 0 => 1.5, 1 => 2.5, 2 => 3.5, 3 => 4.5, 4 => 1L << 40, _ => 0 };
            return d > 2 ? value as SecretKey : null;
        }
    }

    private sealed class Innocent { public static SlotVector Call() => SlotVector.Constant(1); }
#pragma warning restore
}
