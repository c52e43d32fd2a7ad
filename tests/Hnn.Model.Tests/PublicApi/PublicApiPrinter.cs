using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Hnn.Model.Tests.PublicApi;

/// <summary>What an assembly offers to others, one line a member, in an order that does not depend on the source.</summary>
internal sealed class PublicApiPrinter
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private readonly StringBuilder _text = new();
    private readonly NullabilityInfoContext _nullability = new();

    /// <summary>Some types and their visible members.</summary>
    public static string Print(IEnumerable<Type> types)
    {
        PublicApiPrinter printer = new();
        foreach (IGrouping<string?, Type> group in types.GroupBy(t => t.Namespace).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            printer._text.Append(CultureInfo.InvariantCulture, $"namespace {group.Key}\n");
            foreach (Type type in group.OrderBy(t => t.FullName, StringComparer.Ordinal))
            {
                printer.Add(type);
            }
        }

        return printer._text.ToString();
    }

    private void Add(Type type)
    {
        _text.Append("    ").Append(Heading(type)).Append('\n');
        IEnumerable<string> members = type.IsEnum
            ? Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}")
            : type.GetFields(Declared).Select(Field)
                .Concat(type.GetConstructors(Declared).Select(Constructor))
                .Concat(type.GetProperties(Declared).Select(Property))
                .Concat(type.GetEvents(Declared).Select(Event))
                .Concat(type.GetMethods(Declared).Select(Method))
                .OfType<string>();
        foreach (string member in members.Order(StringComparer.Ordinal))
        {
            _text.Append("        ").Append(member).Append('\n');
        }
    }

    private static string Heading(Type type)
    {
        Type[] inherited = type.BaseType?.GetInterfaces() ?? [];
        IEnumerable<Type> bases = type.IsEnum || IsDelegate(type) ? [] :
        [
            .. type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? [parent] : Type.EmptyTypes,
            .. type.GetInterfaces().Where(i => i.IsVisible && !inherited.Contains(i)).OrderBy(i => i.Name, StringComparer.Ordinal),
        ];
        string list = string.Join(", ", bases.Select(b => TypeNames.Of(b)));
        return $"public {Kind(type)} {TypeNames.Of(type)}{(list.Length > 0 ? " : " + list : "")}{Constraints(type.GetGenericArguments())}";
    }

    private static string Kind(Type type)
    {
        bool isRecord = type.GetMethod(type.IsValueType ? "PrintMembers" : "<Clone>$", Declared) is not null;
        if (type.IsEnum || type.IsInterface || IsDelegate(type))
        {
            return type.IsEnum ? "enum" : type.IsInterface ? "interface" : "delegate";
        }

        if (type.IsValueType)
        {
            string isReadOnly = type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "";
            return isReadOnly + (type.IsByRefLike ? "ref " : "") + (isRecord ? "record struct" : "struct");
        }

        string modifier = type switch
        {
            { IsAbstract: true, IsSealed: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsSealed: true } => "sealed ",
            _ => "",
        };
        return modifier + (isRecord ? "record" : "class");
    }

    private string? Field(FieldInfo field)
    {
        string? visibility = field.IsPublic ? "public" : field.IsFamily || field.IsFamilyOrAssembly ? "protected" : null;
        if (visibility is null || IsGenerated(field))
        {
            return null;
        }

        string kind = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        string value = field.IsLiteral ? " = " + Literal(field.GetRawConstantValue(), field.FieldType) : "";
        return $"{visibility} {kind}{TypeNames.Of(field.FieldType, _nullability.Create(field))} {field.Name}{value}";
    }

    private string? Constructor(ConstructorInfo constructor) => Visibility(constructor) is { } visibility && !IsGenerated(constructor)
        ? $"{visibility} {Simple(constructor.DeclaringType!)}{Parameters(constructor)}"
        : null;

    private string? Property(PropertyInfo property)
    {
        MethodInfo?[] both = [property.GetMethod, property.SetMethod];
        MethodInfo[] accessors = [.. both.OfType<MethodInfo>().Where(a => Visibility(a) is not null)];
        if (accessors.Length == 0 || accessors.All(a => IsGenerated(a) && property.Name == "EqualityContract"))
        {
            return null;
        }

        string visibility = accessors.Any(a => a.IsPublic) ? "public" : "protected";
        IEnumerable<string> parts = accessors.Select(a =>
            (Visibility(a) == visibility ? "" : Visibility(a) + " ") + (a == property.GetMethod ? "get;" : IsInit(a) ? "init;" : "set;"));
        ParameterInfo[] indices = property.GetIndexParameters();
        string name = indices.Length > 0 ? $"this[{string.Join(", ", indices.Select(Parameter))}]" : property.Name;
        string modifiers = Modifiers(accessors[0]) + (property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "");
        string type = TypeNames.Of(property.PropertyType, _nullability.Create(property));
        return $"{visibility} {modifiers}{type} {name} {{ {string.Join(" ", parts)} }}";
    }

    private string? Event(EventInfo e) => e.AddMethod is { } add && Visibility(add) is { } visibility
        ? $"{visibility} {Modifiers(add)}event {TypeNames.Of(e.EventHandlerType!, _nullability.Create(e))} {e.Name}"
        : null;

    private string? Method(MethodInfo method)
    {
        bool isAccessor = method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);
        if (Visibility(method) is not { } visibility || IsGenerated(method) || isAccessor)
        {
            return null;
        }

        if (method.Name == "Finalize")
        {
            return $"~{Simple(method.DeclaringType!)}()";
        }

        Type[] arguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        string generic = arguments.Length > 0 ? $"<{string.Join(", ", arguments.Select(a => a.Name))}>" : "";
        string reference = method.ReturnType.IsByRef ? "ref " : "";
        string type = reference + TypeNames.Of(method.ReturnType, _nullability.Create(method.ReturnParameter));
        return $"{visibility} {Modifiers(method)}{type} {method.Name}{generic}{Parameters(method)}{Constraints(arguments)}";
    }

    private string Parameters(MethodBase method) => $"({string.Join(", ", method.GetParameters().Select(Parameter))})";

    private string Parameter(ParameterInfo parameter)
    {
        string prefix = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? (parameter.IsIn ? "in " : "ref ")
            : parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        string value = parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue, parameter.ParameterType) : "";
        return $"{prefix}{TypeNames.Of(parameter.ParameterType, _nullability.Create(parameter))} {parameter.Name}{value}";
    }

    // null stands for the default of value types too, as metadata has it.
    private static string Literal(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ when type.IsEnum => $"{type.Name}.{Enum.ToObject(type, value)}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Constraints(Type[] parameters)
    {
        StringBuilder text = new();
        foreach (Type parameter in parameters.Where(p => p.IsGenericParameter))
        {
            GenericParameterAttributes flags = parameter.GenericParameterAttributes;
            string[] constraints =
            [
                .. flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint) ? ["struct"]
                    : flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : Array.Empty<string>(),
                .. parameter.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(c => TypeNames.Of(c)),
            ];
            text.Append(constraints.Length > 0 ? $" where {parameter.Name} : {string.Join(", ", constraints)}" : "");
        }

        return text.ToString();
    }

    private static string Modifiers(MethodInfo method)
    {
        bool isOverride = method.GetBaseDefinition() != method;
        string inheritance = method switch
        {
            { DeclaringType.IsInterface: true } => "",
            { IsAbstract: true } => "abstract ",
            { IsFinal: true } => isOverride ? "sealed override " : "",
            { IsVirtual: true } => isOverride ? "override " : "virtual ",
            _ => "",
        };
        return (method.IsStatic ? "static " : "") + inheritance;
    }

    private static string? Visibility(MethodBase method) =>
        method.IsPublic ? "public"
        : (method.IsFamily || method.IsFamilyOrAssembly) && method.DeclaringType is { IsSealed: false } ? "protected"
        : null;

    private static string Simple(Type type) => type.Name.Split('`')[0];

    private static bool IsDelegate(Type type) => type.BaseType == typeof(MulticastDelegate);

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
}
