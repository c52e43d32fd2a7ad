using Heann.Core;
using Heann.Core.Keys;

namespace Heann.Bench.Rows;

/// <summary>Keys of a set, made on all processors; the rows of every thread count share them.</summary>
internal sealed class SetKeys : IDisposable
{
    private readonly CkksContext _context;

    public SetKeys(MeasuredSet set)
    {
        Set = set;
        _context = CkksContext.Create(set.Parameters);
        Secret = _context.KeyGenerator.CreateSecretKey();
        Public = _context.KeyGenerator.CreatePublicKey(Secret);
        Evaluation = _context.KeyGenerator.CreateEvaluationKeys(
            Secret, KeyRequest.ForRotations(MeasuredSet.Rotations, set.Parameters.MaxLevel));
    }

    public MeasuredSet Set { get; }

    public SecretKey Secret { get; }

    public PublicKey Public { get; }

    public EvaluationKeys Evaluation { get; }

    public void Dispose()
    {
        Evaluation.Dispose();
        Public.Dispose();
        Secret.Dispose();
        _context.Dispose();
    }
}
