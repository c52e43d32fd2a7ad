using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Hnn.Model.Tests.Server;

/// <summary>Every type that a type of an assembly mentions: in fields, properties, signatures, locals and instructions.</summary>
internal sealed class ReferenceScanner : IDisposable
{
    private static readonly Dictionary<int, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    private readonly PEReader _image;
    private readonly MetadataReader _metadata;
    private readonly TypeNames _names = new();

    public ReferenceScanner(Assembly assembly)
    {
        _image = new(File.OpenRead(assembly.Location));
        _metadata = _image.GetMetadataReader();
    }

    /// <summary>Full names of the assembly's types, nested ones as Outer+Inner, those of the compiler among them.</summary>
    public IEnumerable<string> Types => _metadata.TypeDefinitions.Select(handle => _names.Of(_metadata, handle));

    /// <summary>Full names of all types that a type and those nested in it mention.</summary>
    public IReadOnlySet<string> TypesMentionedBy(string type)
    {
        HashSet<string> found = [];
        TypeDefinitionHandle[] scanned = [.. _metadata.TypeDefinitions.Where(handle => IsWithin(_names.Of(_metadata, handle), type))];
        if (scanned.Length == 0) throw new ArgumentException($"There is no type {type}.", nameof(type));
        foreach (TypeDefinitionHandle handle in scanned)
        {
            TypeDefinition definition = _metadata.GetTypeDefinition(handle);
            Add(definition.BaseType, found);
            foreach (InterfaceImplementationHandle i in definition.GetInterfaceImplementations())
                Add(_metadata.GetInterfaceImplementation(i).Interface, found);
            foreach (FieldDefinitionHandle f in definition.GetFields())
                found.UnionWith(_metadata.GetFieldDefinition(f).DecodeSignature(_names, null));
            foreach (PropertyDefinitionHandle p in definition.GetProperties())
                Add(_metadata.GetPropertyDefinition(p).DecodeSignature(_names, null), found);
            foreach (MethodDefinitionHandle m in definition.GetMethods()) AddMethod(_metadata.GetMethodDefinition(m), found);
        }

        return found;
    }

    /// <summary>What <see cref="TypesMentionedBy"/> gives for a type and for every type of the assembly that is reached from it.</summary>
    public IReadOnlySet<string> TypesReachedFrom(IEnumerable<string> types)
    {
        HashSet<string> own = [.. Types], reached = [.. types];
        Queue<string> open = new(reached);
        while (open.TryDequeue(out string? type))
        {
            if (!own.Contains(type)) continue;
            foreach (string mentioned in TypesMentionedBy(type).Where(reached.Add)) open.Enqueue(mentioned);
        }

        return reached;
    }

    public void Dispose() => _image.Dispose();

    private static bool IsWithin(string name, string type) => name == type || name.StartsWith(type + "+", StringComparison.Ordinal);

    private void AddMethod(MethodDefinition method, HashSet<string> found)
    {
        Add(method.DecodeSignature(_names, null), found);
        if (method.RelativeVirtualAddress == 0) return;
        MethodBodyBlock body = _image.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            StandaloneSignature locals = _metadata.GetStandaloneSignature(body.LocalSignature);
            foreach (ImmutableHashSet<string> local in locals.DecodeLocalSignature(_names, null)) found.UnionWith(local);
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
            if (!region.CatchType.IsNil) Add(region.CatchType, found);
        BlobReader il = body.GetILReader();
        while (il.RemainingBytes > 0)
        {
            int value = il.ReadByte();
            OpCode code = OpCodesByValue[value == 0xFE ? 0xFE00 | il.ReadByte() : value];
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok
                or OperandType.InlineSig)
                Add(MetadataTokens.EntityHandle(il.ReadInt32()), found);
            else
                il.Offset += OperandSize(code.OperandType, il);
        }
    }

    private static int OperandSize(OperandType type, BlobReader il) => type switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * il.ReadInt32()),
        _ => 4, // InlineBrTarget, InlineI, InlineString, ShortInlineR
    };

    private void Add(MethodSignature<ImmutableHashSet<string>> signature, HashSet<string> found)
    {
        found.UnionWith(signature.ReturnType);
        foreach (ImmutableHashSet<string> parameter in signature.ParameterTypes) found.UnionWith(parameter);
    }

    private void Add(EntityHandle handle, HashSet<string> found)
    {
        if (handle.IsNil) return;
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                found.Add(_names.Of(_metadata, (TypeDefinitionHandle)handle));
                break;
            case HandleKind.TypeReference:
                found.Add(_names.Of(_metadata, (TypeReferenceHandle)handle));
                break;
            case HandleKind.TypeSpecification:
                found.UnionWith(_metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_names, null));
                break;
            case HandleKind.MethodDefinition:
                MethodDefinition method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                Add(method.GetDeclaringType(), found);
                Add(method.DecodeSignature(_names, null), found);
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = _metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                Add(field.GetDeclaringType(), found);
                found.UnionWith(field.DecodeSignature(_names, null));
                break;
            case HandleKind.MemberReference:
                MemberReference member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                Add(member.Parent, found);
                if (member.GetKind() == MemberReferenceKind.Field) found.UnionWith(member.DecodeFieldSignature(_names, null));
                else Add(member.DecodeMethodSignature(_names, null), found);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification generic = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(generic.Method, found);
                foreach (ImmutableHashSet<string> argument in generic.DecodeSignature(_names, null)) found.UnionWith(argument);
                break;
            case HandleKind.StandaloneSignature:
                Add(_metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(_names, null), found);
                break;
            default:
                throw new NotSupportedException($"A token of kind {handle.Kind} was not expected.");
        }
    }

    // A type of a signature as the names it is made of.
    private sealed class TypeNames : ISignatureTypeProvider<ImmutableHashSet<string>, object?>
    {
        public string Of(MetadataReader reader, TypeDefinitionHandle handle)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            string name = reader.GetString(type.Name);
            return type.IsNested ? $"{Of(reader, type.GetDeclaringType())}+{name}" : Qualified(reader.GetString(type.Namespace), name);
        }

        public string Of(MetadataReader reader, TypeReferenceHandle handle)
        {
            TypeReference type = reader.GetTypeReference(handle);
            string name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{Of(reader, (TypeReferenceHandle)type.ResolutionScope)}+{name}"
                : Qualified(reader.GetString(type.Namespace), name);
        }

        public ImmutableHashSet<string> GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            [Of(reader, handle)];

        public ImmutableHashSet<string> GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            [Of(reader, handle)];

        public ImmutableHashSet<string> GetTypeFromSpecification(
            MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public ImmutableHashSet<string> GetGenericInstantiation(
            ImmutableHashSet<string> genericType, ImmutableArray<ImmutableHashSet<string>> typeArguments) =>
            typeArguments.Aggregate(genericType, (all, argument) => all.Union(argument));

        public ImmutableHashSet<string> GetFunctionPointerType(MethodSignature<ImmutableHashSet<string>> signature) =>
            signature.ParameterTypes.Aggregate(signature.ReturnType, (all, parameter) => all.Union(parameter));

        public ImmutableHashSet<string> GetModifiedType(
            ImmutableHashSet<string> modifier, ImmutableHashSet<string> unmodifiedType, bool isRequired) => modifier.Union(unmodifiedType);

        public ImmutableHashSet<string> GetPrimitiveType(PrimitiveTypeCode typeCode) => [];

        public ImmutableHashSet<string> GetGenericMethodParameter(object? genericContext, int index) => [];

        public ImmutableHashSet<string> GetGenericTypeParameter(object? genericContext, int index) => [];

        public ImmutableHashSet<string> GetArrayType(ImmutableHashSet<string> elementType, ArrayShape shape) => elementType;

        public ImmutableHashSet<string> GetSZArrayType(ImmutableHashSet<string> elementType) => elementType;

        public ImmutableHashSet<string> GetByReferenceType(ImmutableHashSet<string> elementType) => elementType;

        public ImmutableHashSet<string> GetPinnedType(ImmutableHashSet<string> elementType) => elementType;

        public ImmutableHashSet<string> GetPointerType(ImmutableHashSet<string> elementType) => elementType;

        private static string Qualified(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";
    }
}
