using System.Globalization;
using System.Xml.Linq;
using Heann.Bench.Quick;
using Heann.Bench.Roofline;
using Heann.Bench.Rows;
using Heann.Core.Parameters;

namespace Heann.Bench.Tests.Roofline;

/// <summary>The roofline chart: what it counts and what it draws.</summary>
public sealed class RooflineTests
{
    private static readonly Ceilings Machine = new(64, 16, 128);

    private static readonly string[] Ops = [.. Operations.All.Where(op => op != "linearTransform")];

    // Flops of one limb's transform per coefficient: log2 N / 2 butterflies of ten, and a reduction of four.
    private static double Ntt(int logN) => (5 * logN) + 4;

    [Fact]
    public void Transform_CountsButterfliesAndOneReduction()
    {
        Work work = OperationCount.OfTransform(14);
        Assert.Equal(16384 * 74.0, work.Flops);
        Assert.Equal(2 * 8 * 16384.0, work.Bytes);
    }

    // Transforms counted by hand: 9 back, 9 digits to 9 others each, 2 back and 2 · 9 forward in the division by P; the others alike.
    [Theory]
    [InlineData("S14", 9 + (9 * 9) + 2 + 18)]
    [InlineData("S15", 19 + ((10 * 21) - 19) + 4 + 38)]
    [InlineData("S16", 31 + ((3 * 40) - 31) + 18 + 62)]
    public void KeySwitch_IsTransformsAndMultiplyAccumulates(string set, int transforms)
    {
        CkksParameters p = MeasuredSet.Create(set).Parameters;
        int l = p.BasisQ.Count, k = p.BasisP.Count, d = p.DigitCount, n = p.RingDegree;
        Work work = OperationCount.Of("relinearize", p);
        double rest = work.Flops - (transforms * n * Ntt(p.LogN));

        // Six a term of the inner product and of the conversions of digits and of P; folds and single products are fewer.
        double digit = (double)l / d;
        double terms = (2.0 * (l + k) * d) + (d * (l + k - digit) * (digit + 1)) + (2.0 * l * (k + 1));
        Assert.InRange(rest, 6 * n * (terms - (2.0 * l * (k + 1))), 12 * n * terms);
        Assert.Equal(8.0 * n * ((5 * l) + (2 * d * (l + k))), work.Bytes);
    }

    [Fact]
    public void Elementwise_CountsPerLimb()
    {
        CkksParameters p = MeasuredSet.Create("S14").Parameters;
        const double Values = 9 * 16384;
        Assert.Equal(new Work(2 * Values * 5, 8 * Values * 6), OperationCount.Of("add", p));
        Assert.Equal(new Work(2 * Values * 12, 8 * Values * 5), OperationCount.Of("multiplyPlain", p));
        Assert.Throws<ArgumentException>(() => OperationCount.Of("turn", p));
    }

    [Fact]
    public void Ceilings_AreThoseOfAProcessor()
    {
        Ceilings measured = Ceilings.Measure();
        Assert.InRange(measured.GigaFlops, 0.5, 1000);
        Assert.InRange(measured.MemoryGigabytes, 0.5, 2000);
        Assert.InRange(measured.CacheGigabytes, measured.MemoryGigabytes / 4, 10000);
    }

    [Fact]
    public void Chart_HasAMarkForEveryOperationWhereItBelongs()
    {
        RooflinePoint[] points = [.. Points()];
        XElement svg = XDocument.Parse(RooflineChart.Draw(Machine, points, "a < b & c")).Root!;
        Dictionary<string, XElement> marks = Marks(svg);
        Assert.Equal(points.Length, marks.Count);
        foreach (RooflinePoint point in points)
        {
            (double x, double y) = Centre(marks[$"{point.Op}-{point.LogN}"]);
            Assert.InRange(x, 70, 720);
            Assert.InRange(y, 60, 560);
        }

        // Logarithmic: twice the time is the same step down everywhere, and less work per byte is further to the left.
        double step = Centre(marks["ntt-15"]).Y - Centre(marks["ntt-14"]).Y;
        Assert.True(step > 0);
        Assert.Equal(2 * step, Centre(marks["ntt-16"]).Y - Centre(marks["ntt-14"]).Y, 0.3);
        Assert.True(Centre(marks["add-14"]).X < Centre(marks["relinearize-14"]).X);
        IEnumerable<XElement> labels = svg.Descendants().Where(e => (string?)e.Attribute("class") == "label");
        Assert.Equal(Ops.Order(), labels.Select(e => e.FirstNode!.ToString()).Order());
    }

    [Fact]
    public void CommittedChart_IsWellFormedAndComplete()
    {
        XElement svg = XDocument.Load(Path.Combine(Repository.Root, "bench", "roofline.svg")).Root!;
        Assert.Equal(Points().Select(p => $"{p.Op}-{p.LogN}").Order(), Marks(svg).Keys.Order());
    }

    // The transforms at 2^14 … 2^16 all with work in proportion to their time, halved each time.
    private static IEnumerable<RooflinePoint> Points()
    {
        foreach (string op in Ops)
        {
            bool isTransform = Operations.Transforms.Contains(op);
            for (int logN = 14; logN <= 16; logN++)
            {
                RooflinePoint point = RooflineRun.Point(new(op, $"{(isTransform ? 'N' : 'S')}{logN}", 1, 1, 1, 1));
                yield return point with { Microseconds = point.Work.Flops / (32e3 / (1 << (logN - 14))) };
            }
        }
    }

    private static Dictionary<string, XElement> Marks(XElement svg) => svg.Descendants()
        .Where(e => e.Name.LocalName == "circle" && (string?)e.Attribute("class") == "mark")
        .ToDictionary(e => (string)e.Attribute("id")!);

    private static (double X, double Y) Centre(XElement circle) => (Number(circle, "cx"), Number(circle, "cy"));

    private static double Number(XElement element, string name) =>
        double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);
}
