using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Noise;
using Heann.Core.Parameters;

namespace Heann.Core.Evaluation;

/// <summary>What circuits are written against: the operations of CKKS, with their laws of level, scale and noise, over any kind of value.</summary>
/// <remarks>
/// <para>The public methods check operands and settle level, scale, number of parts and predicted noise of the result, once for all kinds;
/// the protected <c>…Core</c> methods compute. <see cref="CkksEvaluator"/> computes on ciphertexts, <see cref="ClearEvaluator"/> on the
/// slots in the clear (the exact twin), <see cref="RecordingEvaluator"/> on nothing: it records levels, keys and cost.</para>
/// <para>Forms: <c>AddInto(x, y, destination)</c> is the primitive and writes to a value that may be an operand; <c>Add(x, y)</c> returns a
/// new value. Operands are borrowed, results belong to the caller.</para>
/// <para>Long circuits: every operation first asks <see cref="Cancellation"/> and, when it is done, adds to <see cref="Progress"/>;
/// transforms and polynomials are many operations. An evaluator costs little: make one for each run that is to be watched or ended by
/// itself. An operation that throws before it computes, as for a cancellation, a missing key or a wrong operand, leaves its destination as
/// it was.</para>
/// <para>Thread-safe as long as no value is written by one call and used by another at the same time.</para>
/// </remarks>
/// <typeparam name="T">The kind of value.</typeparam>
public abstract partial class CircuitEvaluator<T>
    where T : class, ICircuitValue
{
    private long _operationCount;

    /// <summary>Creates an evaluator for a set of parameters.</summary>
    protected CircuitEvaluator(CkksParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = parameters;
        Estimator = new(parameters);
    }

    /// <summary>The parameters.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>N/2.</summary>
    public int SlotCount => Parameters.SlotCount;

    /// <summary>Predicts the noise of results.</summary>
    protected NoiseEstimator Estimator { get; }

    /// <summary>A new value to serve as a destination. Its contents are undefined.</summary>
    public abstract T Allocate(int level, int partCount = 2);

    /// <summary>A copy.</summary>
    public T Copy(T x)
    {
        using Fresh result = new(this, Require(x).Level, x.PartCount);
        DropLevelInto(x, x.Level, result.Value);
        return result.Take();
    }

    /// <summary>Ends what runs: the next operation throws <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Told after every operation how many are done. The number that a circuit takes is known from its dry run.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Operations done so far, those that transforms and polynomials consist of included.</summary>
    public long OperationCount => Interlocked.Read(ref _operationCount);

    /// <summary>Called by circuits when a named step is done, with its result: for progress, plans and errors by layer.</summary>
    public Action<string, T>? StageReached { get; set; }

    /// <summary>Announces that a named step of a circuit is done.</summary>
    public void Report(string stage, T value) => StageReached?.Invoke(stage, value);

    /// <summary>Level, scale, predicted noise and remaining budget of a value, to be read or printed.</summary>
    public Diagnosis Diagnose(T x) => Diagnosis.Of(Require(x), Parameters);

    /// <summary>Declares what the root mean square of the slots is, where a circuit knows better than the rules (|T_k| ≤ 1, say). Public knowledge.</summary>
    public void DeclareMagnitude(T x, double magnitude)
    {
        Require(x);
        Declare(x, x.Noise with { Magnitude = magnitude });
    }

    /// <summary>Computes a function of every slot exactly, where the kind of value can; ciphertexts cannot, and return false.</summary>
    /// <remarks>The destination keeps the level, scale and noise it has.</remarks>
    public virtual bool TryApplyExactly(T x, Func<double, double> function, T destination) => false;

    /// <summary>Computes a function of two values exactly, slot by slot, where the kind of value can; ciphertexts cannot, and return
    /// false.</summary>
    /// <remarks>The destination keeps the level, scale and noise it has; levels and scales of the operands do not matter.</remarks>
    public virtual bool TryApplyExactly(T x, T y, Func<double, double, double> function, T destination) => false;

    /// <summary>Sets what a result is; the storage is made large enough.</summary>
    protected abstract void Label(T destination, int level, int partCount, Scale scale, NoiseEstimate noise);

    /// <summary>Sets what is predicted of a value, and nothing else.</summary>
    protected abstract void Declare(T x, NoiseEstimate noise);

    /// <summary>Checks that a destination belongs to the parameters. Whose key it was for does not matter: it is written over.</summary>
    /// <exception cref="ForeignOperandException">Other parameters.</exception>
    protected abstract void RequireDestination(T destination);

    /// <summary>Checks that an operand belongs to this evaluator.</summary>
    /// <exception cref="ForeignOperandException">Other parameters or another key.</exception>
    protected abstract void RequireOwn(T x);

    /// <summary>Moves the storage of a temporary result into the destination, so that it may be an operand.</summary>
    protected abstract void Move(T temporary, T destination);

    private protected T Require(T x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Cancellation.ThrowIfCancellationRequested();
        RequireOwn(x);
        return x;
    }

    private protected void RequireSameLevel(T x, T y, string operation)
    {
        Require(x);
        Require(y);
        if (x.Level != y.Level)
        {
            Throw.LevelMismatch(x.Level, y.Level, operation);
        }
    }

    private protected static void RequireTwoParts(T x, string operation)
    {
        if (x.PartCount != 2)
        {
            Throw.PartCount(x.PartCount, 2, operation);
        }
    }

    /// <summary>Whether the cores may write to an operand: results of the operand's level and parts or fewer, value by value.</summary>
    private protected virtual bool WorksInPlace => false;

    // Where a result goes: the destination itself, or a temporary where that is an operand and the core cannot work in place.
    private protected Outcome Into(T destination, bool isOperand, ResultLabel label, bool worksInPlace = true)
    {
        ArgumentNullException.ThrowIfNull(destination);
        RequireDestination(destination);
        bool isInPlace = isOperand && worksInPlace && WorksInPlace && label.Level <= destination.Level && label.PartCount <= destination.PartCount;
        T target = isOperand && !isInPlace ? Allocate(label.Level, label.PartCount) : destination;
        if (!isInPlace)
        {
            Label(target, label.Level, label.PartCount, label.Scale, label.Noise);
        }

        return new(this, target, destination, label);
    }

    private protected void CountOperations(int count)
    {
        long done = Interlocked.Add(ref _operationCount, count);
        Progress?.Report(done);
    }

    /// <summary>destination ← temporary, without copying: storage and label move, and the temporary is disposed. For circuits that compute
    /// into temporaries and write their destination last, so that it is as it was if they throw.</summary>
    /// <param name="temporary">Not used again.</param>
    /// <param name="destination">Takes its place; another object.</param>
    public void MoveInto(T temporary, T destination)
    {
        Require(temporary);
        ArgumentNullException.ThrowIfNull(destination);
        RequireDestination(destination);
        if (ReferenceEquals(temporary, destination))
        {
            throw new ArgumentException("A value cannot be moved into itself.", nameof(destination));
        }

        ResultLabel label = new(temporary.Level, temporary.PartCount, temporary.Scale, temporary.Noise);
        Move(temporary, destination);
        Label(destination, label.Level, label.PartCount, label.Scale, label.Noise);
        temporary.Dispose();
    }

    private protected NoiseEstimate PlainNoise(SlotVector values) =>
        Estimator.Plaintext(values.Magnitude, SlotEncoder.CompactDegree(values, Parameters));
}
