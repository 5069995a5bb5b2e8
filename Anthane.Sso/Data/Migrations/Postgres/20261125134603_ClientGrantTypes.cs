using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Anthane.Sso.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ClientGrantTypes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "GrantTypes",
                table: "Clients",
                type: "text",
                nullable: false,
                defaultValue: "[\"authorization_code\",\"refresh_token\"]");

            // Until now the kind of a client decided.
            migrationBuilder.Sql("""UPDATE "Clients" SET "GrantTypes" = '["client_credentials"]' WHERE "Kind" = 'Service'""");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "GrantTypes",
                table: "Clients");
        }
    }
}
