using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;

// The README's ten lines, against the package.
using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4);
using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([1], level: 3));
CkksEvaluator evaluator = ckks.CreateEvaluator(keys);
using Ciphertext x = ckks.Encrypt(secret, [1.5, -2.0, 0.25]);
using Ciphertext product = evaluator.Multiply(x, x);
using Ciphertext square = evaluator.Rescale(product);
using Ciphertext rotated = evaluator.Rotate(square, 1);
double[] y = ckks.Decrypt(secret, rotated);
Console.WriteLine(FormattableString.Invariant($"{y[0]:F4} {y[1]:F4}"));
