namespace Hnn.Model.Tests.Plain;

/// <summary>DistilBERT by its formulas, one number at a time: indices and loops, nothing shared with the library.</summary>
internal sealed class NaiveDistilBert
{
    private readonly Dictionary<string, float[]> _tensors;
    private readonly DistilBertCheckpoint _shape;

    public NaiveDistilBert(DistilBertCheckpoint checkpoint)
    {
        _shape = checkpoint;
        _tensors = checkpoint.Tensors().ToDictionary(t => t.Name, t => t.Values);
    }

    /// <summary>Token ids → logits.</summary>
    public double[] Logits(int[] ids)
    {
        double[][] x = [.. ids.Select((id, t) => Norm("distilbert.embeddings.LayerNorm", i =>
            W("distilbert.embeddings.word_embeddings.weight", id, i) + W("distilbert.embeddings.position_embeddings.weight", t, i)))];
        for (int l = 0; l < _shape.Layers; l++)
        {
            string layer = $"distilbert.transformer.layer.{l}.";
            double[][] attended = Attention(layer + "attention.", x), before = x;
            double[][] middle = [.. before.Select((row, t) => Norm(layer + "sa_layer_norm", i => row[i] + attended[t][i]))];
            x = [.. middle.Select(row =>
            {
                double[] inner = [.. Dense(layer + "ffn.lin1", row, _shape.Inner).Select(Activate)];
                double[] outer = Dense(layer + "ffn.lin2", inner, _shape.Hidden);
                return Norm(layer + "output_layer_norm", i => row[i] + outer[i]);
            })];
        }

        double[] pooled = [.. Dense("pre_classifier", x[0], _shape.Hidden).Select(u => u > 0 ? u : 0)];
        return Dense("classifier", pooled, _shape.Labels);
    }

    /// <summary>erf by Simpson's rule with 2,000 intervals: an error of 1e-11 at most for |x| ≤ 6.</summary>
    public static double Erf(double x)
    {
        if (Math.Abs(x) > 6) return x > 0 ? 1 : -1;
        const int Intervals = 2000;
        double h = x / Intervals, sum = 1 + Math.Exp(-x * x);
        for (int i = 1; i < Intervals; i++) sum += (i % 2 == 1 ? 4 : 2) * Math.Exp(-(i * h) * (i * h));
        return 2 / Math.Sqrt(Math.PI) * sum * h / 3;
    }

    private double Activate(double u) => _shape.Activation == "relu" ? (u > 0 ? u : 0) : u * 0.5 * (1 + Erf(u / Math.Sqrt(2)));

    private double[][] Attention(string name, double[][] x)
    {
        double[][] q = [.. x.Select(row => Dense(name + "q_lin", row, _shape.Hidden))];
        double[][] k = [.. x.Select(row => Dense(name + "k_lin", row, _shape.Hidden))];
        double[][] v = [.. x.Select(row => Dense(name + "v_lin", row, _shape.Hidden))];
        double[][] result = new double[x.Length][];
        for (int t = 0; t < x.Length; t++)
        {
            double[] context = new double[_shape.Hidden];
            for (int feature = 0; feature < _shape.Hidden; feature++)
            {
                int first = feature / _shape.HeadSize * _shape.HeadSize;
                double total = 0, weighted = 0;
                for (int s = 0; s < x.Length; s++)
                {
                    double score = 0;
                    for (int i = first; i < first + _shape.HeadSize; i++) score += q[t][i] * k[s][i];
                    double weight = Math.Exp(score / Math.Sqrt(_shape.HeadSize));
                    total += weight;
                    weighted += weight * v[s][feature];
                }

                context[feature] = weighted / total;
            }

            result[t] = Dense(name + "out_lin", context, _shape.Hidden);
        }

        return result;
    }

    private double[] Dense(string name, double[] x, int outCount)
    {
        double[] y = new double[outCount];
        for (int o = 0; o < outCount; o++)
        {
            y[o] = _tensors[name + ".bias"][o];
            for (int i = 0; i < x.Length; i++) y[o] += _tensors[name + ".weight"][(o * x.Length) + i] * x[i];
        }

        return y;
    }

    private double[] Norm(string name, Func<int, double> x)
    {
        double mean = 0, variance = 0;
        for (int i = 0; i < _shape.Hidden; i++) mean += x(i) / _shape.Hidden;
        for (int i = 0; i < _shape.Hidden; i++) variance += Math.Pow(x(i) - mean, 2) / _shape.Hidden;
        double[] y = new double[_shape.Hidden];
        for (int i = 0; i < y.Length; i++)
            y[i] = (_tensors[name + ".weight"][i] * (x(i) - mean) / Math.Sqrt(variance + 1e-12)) + _tensors[name + ".bias"][i];
        return y;
    }

    private double W(string name, int row, int column) => _tensors[name][(row * _shape.Hidden) + column];
}
