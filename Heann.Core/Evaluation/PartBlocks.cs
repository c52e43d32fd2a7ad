using System.Runtime.CompilerServices;
using Heann.Core.Ciphertexts;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <summary>The limbs of the parts of a ciphertext, on the stack.</summary>
[InlineArray(MaxPartCount)]
internal struct PartBlocks
{
    /// <summary>c_0, c_1, c_2.</summary>
    public const int MaxPartCount = 3;

    private LimbBlock _first;

    /// <summary>All parts at the level of the ciphertext.</summary>
    public static PartBlocks Of(Ciphertext x) => Of(x, x.Basis);

    /// <summary>All parts modulo the first primes only.</summary>
    public static PartBlocks Of(Ciphertext x, RnsBasis basis)
    {
        PartBlocks parts = default;
        for (int i = 0; i < x.PartCount; i++)
        {
            LimbBlock part = x.Part(i);
            parts[i] = new(part.Buffer, part.FirstLimb, basis);
        }

        return parts;
    }
}
