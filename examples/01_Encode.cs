using System.Numerics;
using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;

namespace Heann.Examples;

/// <summary>Vectors of numbers become polynomials with integer coefficients, and back. Nothing is encrypted yet.</summary>
public static class Encode
{
    /// <summary>Runs the chapter.</summary>
    public static void Run(TextWriter output)
    {
        // A named parameter set: ring degree 2^13, three rescalings, 128-bit security. It says how many numbers go into a plaintext.
        using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4);
        output.WriteLine($"{ckks.Parameters.SlotCount} slots, level {ckks.Parameters.MaxLevel}, scale {ckks.Parameters.DefaultScale}");

        // Encoding multiplies by the scale and rounds to integers. Slots that are not given are zero.
        double[] values = [1.5, -2, 0.25, Math.PI];
        using Plaintext plaintext = ckks.Encoder.Encode(values);
        Complex[] decoded = ckks.Encoder.Decode(plaintext);
        output.WriteLine($"decoded: {Numbers.Format(decoded.Select(z => z.Real), 5)}");

        // The larger the scale, the smaller the rounding error; the modulus bounds it.
        foreach (int bits in (int[])[20, 36, 50])
        {
            using Plaintext scaled = ckks.Encoder.Encode(values, scale: Scale.FromLog2(bits));
            double error = ckks.Encoder.Decode(scaled).Zip(values, (z, x) => (z - x).Magnitude).Max();
            output.WriteLine($"scale 2^{bits}: error below 2^{Math.Ceiling(Math.Log2(error))}");
        }

        // Slots are complex numbers.
        using Plaintext complex = ckks.Encoder.Encode([new Complex(0, 1), new Complex(3, -4)]);
        output.WriteLine($"complex: {Numbers.Format(ckks.Encoder.Decode(complex), 3, 2)}");

        // A vector that repeats through all slots needs few coefficients: two for each of its values.
        using Plaintext periodic = ckks.Encoder.EncodePeriodic([1, 2, 3, 4]);
        output.WriteLine($"periodic: {Numbers.Format(ckks.Encoder.Decode(periodic).Select(z => z.Real), 6, 0)}");
        output.WriteLine($"in {periodic.ByteCount} bytes, not {plaintext.ByteCount}");
    }
}

/* Prints:
4096 slots, level 3, scale 2^36.00
decoded: 1.5000 -2.0000 0.2500 3.1416 0.0000
scale 2^20: error below 2^-14
scale 2^36: error below 2^-31
scale 2^50: error below 2^-44
complex: 0.00+1.00i 3.00-4.00i 0.00+0.00i
periodic: 1 2 3 4 1 2
in 256 bytes, not 262144
*/
