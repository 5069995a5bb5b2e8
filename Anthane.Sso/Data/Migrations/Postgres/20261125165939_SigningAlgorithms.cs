using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Anthane.Sso.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SigningAlgorithms : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "IdTokenSignedResponseAlg",
                table: "Clients",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "SigningAlgorithm",
                table: "Apis",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "IdTokenSignedResponseAlg",
                table: "Clients");

            migrationBuilder.DropColumn(
                name: "SigningAlgorithm",
                table: "Apis");
        }
    }
}
